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
    private static final Set<Integer> FATAL_REPLY_CODES = Set.of(403, 404);

    private final Connection connection;
    private final Producer producer;
    private final PublishOptions options;
    private final MessageErrorLog errorLog;
    private final OutcomeCounter counts = new OutcomeCounter();

    /** The messages under way, and one for the sender, which ends when it awaits them. */
    private final AtomicLong pending = new AtomicLong(1);

    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable Throwable fatalError;
    private boolean first = true;

    public CountingPublisher(Connection connection, PublishOptions options, MessageErrorLog errorLog) {
        this.connection = connection;
        this.producer = connection.producer();
        this.options = options;
        this.errorLog = errorLog;
    }

    /** Why it is no use to send more; null while it is. */
    public @Nullable Throwable fatalError() {
        return fatalError;
    }

    /** Sends a message, waiting for room. */
    public void send(Object body, String label) {
        counts.published();
        pending.incrementAndGet();
        CompletableFuture<Confirmation> future = producer.publishAsync(body, options);
        CompletableFuture<Boolean> counted =
                future.handle((confirmation, failure) -> complete(confirmation, failure, label));
        if (first) {
            first = false;
            boolean unused = counted.join();
        }
    }

    /** Counts a message that cannot be sent as it is. */
    void reject(String label, String reason) {
        counts.published();
        counts.rejected();
        errorLog.report(label, reason);
    }

    /** Waits until every message has its outcome. */
    public PublishSummary await() throws InterruptedException {
        release();
        done.await();
        errorLog.reportOmitted();
        return counts.summary();
    }

    private boolean complete(@Nullable Confirmation confirmation, @Nullable Throwable failure, String label) {
        if (confirmation != null) {
            counts.confirmed(confirmation);
        } else if (failure != null) {
            counts.failed(failure);
            if (isFatal(failure)) {
                fatalError = failure;
            }
            errorLog.report(label, ErrorHandler.describe(failure));
        }
        release();
        return confirmation != null;
    }

    private void release() {
        if (pending.decrementAndGet() == 0) {
            done.countDown();
        }
    }

    private boolean isFatal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AmqpConnectionException connectionError) {
                return !connectionError.recoverable() || failure instanceof RetriesExhaustedException;
            }
            if (cause instanceof AmqpChannelException channelError) {
                boolean publishFailed = channelError.failedMethod().equals("basic.publish");
                return !channelError.recoverable()
                        && (!publishFailed || FATAL_REPLY_CODES.contains(channelError.replyCode()));
            }
            if (cause instanceof AmqpTimeoutException) {
                // With a time-out of the user's own the wait for a broker that is away is short enough to go on.
                return options.timeout() == null && !connection.isOpen();
            }
        }
        return false;
    }
}
