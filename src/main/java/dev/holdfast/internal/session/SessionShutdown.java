package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.concurrent.Steps;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.transport.Link;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Closes a session within a timeout: waits for the outcomes of publishes, then closes the link in order or drops it,
 * then releases the threads.
 *
 * <pre>
 *   begin ──publishers idle or timeout──► fail the rest ──► connection.close ──close-ok or timeout──► done
 * </pre>
 *
 * Event loop only, except for {@link #done}.
 */
final class SessionShutdown {
    private static final Duration MAX_TIMEOUT = Duration.ofDays(3650);

    private final EventLoop loop;
    private final Ticker ticker;
    private final OutboundLog log;
    private final Runnable releaseThreads;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private @Nullable Link link;
    private boolean finished;

    /** @param releaseThreads tells the threads of the session that it is closed */
    SessionShutdown(EventLoop loop, OutboundLog log, Runnable releaseThreads) {
        this.loop = loop;
        this.ticker = loop.ticker();
        this.log = log;
        this.releaseThreads = releaseThreads;
    }

    /** Completes when everything is closed. Any thread. */
    CompletableFuture<Void> done() {
        return done;
    }

    /**
     * Begins the shutdown, or shortens one that began with a longer timeout.
     *
     * @param idle whether nothing can be outstanding, so that there is nothing to wait for
     * @param finish closes channels and waiting calls, and returns the link that remains to be closed
     */
    void begin(
            Duration timeout,
            List<Publisher> publishers,
            boolean idle,
            AmqpConnectionException cause,
            Supplier<@Nullable Link> finish) {
        Duration bounded = timeout.compareTo(MAX_TIMEOUT) > 0 ? MAX_TIMEOUT : timeout;
        long nanos = bounded.isNegative() ? 0 : bounded.toNanos();
        long deadline = ticker.nanoTime() + nanos;
        loop.schedule(() -> end(cause), nanos, TimeUnit.NANOSECONDS); // whatever the code below throws
        publishers.forEach(publisher -> publisher.refuse(cause));
        CompletableFuture<?> publishersIdle =
                CompletableFuture.allOf(publishers.stream().map(Publisher::idle).toArray(CompletableFuture<?>[]::new));
        Runnable next = () -> finish(publishers, cause, deadline, finish);
        if (idle || nanos == 0) {
            next.run();
            return;
        }
        // A quarter of the time is reserved for close-ok.
        loop.schedule(next, nanos / 4 * 3, TimeUnit.NANOSECONDS);
        publishersIdle.thenCompose(unused -> log.whenDrained()).thenRun(() -> loop.execute(next));
    }

    private void finish(
            List<Publisher> publishers, AmqpConnectionException cause, long deadline, Supplier<@Nullable Link> finish) {
        if (!finished) {
            finished = true;
            link = finish.get();
            publishers.forEach(publisher -> Steps.runAll(() -> publisher.close(cause)));
        }
        Link last = link;
        if (last == null) {
            complete();
            return;
        }
        long left = Math.max(1, deadline - ticker.nanoTime());
        last.close(ReplyCode.REPLY_SUCCESS, "", Duration.ofNanos(left)).addListener(closed -> complete());
    }

    /** The time is over, or the loop ends: drops the link, if there still is one. */
    void end(AmqpConnectionException cause) {
        Link last = link;
        if (last != null) {
            last.abort(cause);
        }
        complete();
    }

    /** Completes {@link #done}. Any thread once the loop has ended. */
    void complete() {
        if (!done.isDone()) {
            Steps.runAll(log::close);
            if (done.complete(null)) {
                releaseThreads.run();
            }
        }
    }
}
