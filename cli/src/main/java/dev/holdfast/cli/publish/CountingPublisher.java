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
 * Publishes messages and counts the outcome of each. No future is kept: the confirm window of the library bounds the
 * messages in flight, and {@link #send} waits while it is full.
 *
 * <p>The first message is sent alone, so that an error of the exchange, the queue or the login is reported once and not
 * for every line.
 *
 * <p>One thread sends. Outcomes arrive on the I/O thread of the connection.
 */
public final class CountingPublisher {
    /** ACCESS_REFUSED and NOT_FOUND recur for every message, since all have the same target. */
    private static final Set<Integer> FATAL_REPLY_CODES = Set.of(403, 404);

    private final Connection connection;
    private final Producer producer;
    private final PublishOptions options;
    private final MessageErrorLog errorLog;
    private final OutcomeCounter counts = new OutcomeCounter();

    /** Messages without an outcome, plus one until {@link #await} is called. */
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

    /** Returns an error that all further messages would meet too, or null if there is none yet. */
    public @Nullable Throwable fatalError() {
        return fatalError;
    }

    /** Publishes a message; waits while the confirm window is full. The label names it in error lines. */
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

    /** Counts and reports a message that is invalid and not sent. */
    void reject(String label, String reason) {
        counts.published();
        counts.rejected();
        errorLog.report(label, reason);
    }

    /** Waits until every message has its outcome. Called once, after the last message. */
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
                // A timeout of the user bounds the wait for an unreachable broker, so the following messages may still
                // try.
                return options.timeout() == null && !connection.isOpen();
            }
        }
        return false;
    }
}
