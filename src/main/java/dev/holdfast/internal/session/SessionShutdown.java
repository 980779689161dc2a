package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.concurrent.IdleThreadExecutor;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.transport.Link;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a session ends, in bounded time: what is under way gets its outcome or runs out of time, then the link is closed
 * in order or dropped, then threads go.
 *
 * <pre>
 *   begin ──publishers idle or time up──► fail the rest ──► connection.close ──close-ok or time up──► done
 * </pre>
 *
 * Event loop only, but for {@link #done}.
 */
final class SessionShutdown {
    private static final Duration LONGEST = Duration.ofDays(3650);

    private final EventLoop loop;
    private final OutboundLog log;
    private final EventLoopGroup group;
    private final IdleThreadExecutor deliveries;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private @Nullable Link link;
    private boolean finishing;

    SessionShutdown(EventLoop loop, OutboundLog log, EventLoopGroup group, IdleThreadExecutor deliveries) {
        this.loop = loop;
        this.log = log;
        this.group = group;
        this.deliveries = deliveries;
    }

    /** Done when everything is closed. Any thread. */
    CompletableFuture<Void> done() {
        return done;
    }

    /**
     * Begins the end, or hurries one that has begun with more time.
     *
     * @param now nothing can be under way: do not wait for it
     * @param finish closes channels and waiting calls, and returns the link that is left to close
     */
    void begin(
            Duration timeout,
            List<Publisher> publishers,
            boolean now,
            AmqpConnectionException cause,
            Supplier<@Nullable Link> finish) {
        long nanos = timeout.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : timeout.toNanos();
        long deadline = System.nanoTime() + nanos;
        publishers.forEach(each -> each.refuse(cause));
        CompletableFuture<?> idle =
                CompletableFuture.allOf(publishers.stream().map(Publisher::idle).toArray(CompletableFuture<?>[]::new));
        Runnable next = () -> finish(publishers, cause, deadline, finish);
        if (now || timeout.isZero()) {
            next.run();
            return;
        }
        // A part of the time is kept for the broker's close-ok.
        loop.schedule(next, nanos / 4 * 3, TimeUnit.NANOSECONDS);
        idle.thenCompose(done -> log.whenDrained()).thenRun(() -> loop.execute(next));
    }

    private void finish(
            List<Publisher> publishers, AmqpConnectionException cause, long deadline, Supplier<@Nullable Link> finish) {
        if (!finishing) {
            finishing = true;
            link = finish.get();
            publishers.forEach(each -> each.close(cause));
        }
        Link last = link;
        if (last == null) {
            over();
            return;
        }
        long left = Math.max(1, deadline - System.nanoTime());
        loop.schedule(() -> last.abort(cause), left, TimeUnit.NANOSECONDS);
        loop.schedule(this::over, left, TimeUnit.NANOSECONDS);
        last.close(ReplyCode.REPLY_SUCCESS, "", Duration.ofNanos(left)).addListener(closed -> over());
    }

    private void over() {
        if (!done.isDone()) {
            deliveries.close();
            log.close();
            done.complete(null);
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
