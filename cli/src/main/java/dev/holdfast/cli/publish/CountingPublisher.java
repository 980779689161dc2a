package dev.holdfast.cli.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.MessageErrorLog;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Publishes many messages and counts the outcome of each. No future is kept: the library's window bounds what is in
 * flight, and {@link #send} waits when it is full.
 *
 * <p>The first message goes alone: what is wrong with the exchange, the queue or the login is told once, not for every line.
 *
 * <p>One thread sends; outcomes come on the connection's I/O thread.
 */
public final class CountingPublisher {
    /** Access refused, and not found: the same for all messages, since all go to the same place. */
    private static final Set<Integer> SAME_FOR_ALL = Set.of(403, 404);

    private final Connection connection;
    private final Producer producer;
    private final PublishOptions options;
    private final MessageErrorLog complaints;
    private final OutcomeCounter counts = new OutcomeCounter();

    /** The messages under way, and one for the sender, which ends when it awaits them. */
    private final AtomicLong pending = new AtomicLong(1);

    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable Throwable hopeless;
    private boolean first = true;

    public CountingPublisher(Connection connection, PublishOptions options, MessageErrorLog complaints) {
        this.connection = connection;
        this.producer = connection.producer();
        this.options = options;
        this.complaints = complaints;
    }

    /** Why it is no use to send more; null while it is. */
    public @Nullable Throwable hopeless() {
        return hopeless;
    }

    /** Sends a message, waiting for room. */
    public void send(Object body, String what) {
        counts.published();
        pending.incrementAndGet();
        CompletableFuture<Confirmation> future = producer.publishAsync(body, options);
        CompletableFuture<Boolean> told = future.handle((confirmation, failure) -> ended(confirmation, failure, what));
        if (first) {
            first = false;
            boolean unused = told.join();
        }
    }

    /** Counts a message that cannot be sent as it is. */
    void refuse(String what, String why) {
        counts.published();
        counts.refused();
        complaints.add(what, why);
    }

    /** Waits until every message has its outcome. */
    public PublishSummary await() throws InterruptedException {
        release();
        done.await();
        complaints.close();
        return counts.summary();
    }

    private boolean ended(@Nullable Confirmation confirmation, @Nullable Throwable failure, String what) {
        if (confirmation != null) {
            counts.confirmed(confirmation);
        } else if (failure != null) {
            counts.failed(failure);
            if (isHopeless(failure)) {
                hopeless = failure;
            }
            complaints.add(what, ErrorHandler.describe(failure));
        }
        release();
        return confirmation != null;
    }

    private void release() {
        if (pending.decrementAndGet() == 0) {
            done.countDown();
        }
    }

    private boolean isHopeless(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AmqpConnectionException lost) {
                return !lost.recoverable() || failure instanceof RetriesExhaustedException;
            }
            if (cause instanceof AmqpChannelException refused) {
                boolean publish = refused.failedMethod().equals("basic.publish");
                return !refused.recoverable() && (!publish || SAME_FOR_ALL.contains(refused.replyCode()));
            }
            if (cause instanceof AmqpTimeoutException) {
                // With a time-out of the user's own the wait for a broker that is away is short enough to go on.
                return options.timeout() == null && !connection.isOpen();
            }
        }
        return false;
    }
}
