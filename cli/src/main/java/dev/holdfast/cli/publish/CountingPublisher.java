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
import dev.holdfast.cli.common.FailureLog;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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

    /** Longer than any publish: each ends by its own limits. */
    private static final Duration UNLIMITED = Duration.ofDays(1000);

    private final Connection connection;
    private final Producer producer;
    private final PublishOptions options;
    private final FailureLog failures;
    private final String unit;
    private final OutcomeCounter counts = new OutcomeCounter();
    private volatile @Nullable Throwable fatalError;
    private boolean first = true;

    /**
     * Creates a publisher.
     *
     * @param unit what a message is called with its number in error lines, such as {@code line}
     */
    public CountingPublisher(Connection connection, PublishOptions options, FailureLog failures, String unit) {
        this.connection = connection;
        this.producer = connection.producer();
        this.options = options;
        this.failures = failures;
        this.unit = unit;
    }

    /** Returns an error that all further messages would meet too, or null if there is none yet. */
    public @Nullable Throwable fatalError() {
        return fatalError;
    }

    /**
     * Publishes a message; waits while the confirm window is full. Does nothing after {@link #end}.
     *
     * @param number 1 for the first message; a rejected message has a number, too
     */
    public void send(Object body, long number) {
        if (!counts.begin()) {
            return;
        }
        CompletableFuture<Confirmation> future = producer.publishAsync(body, options);
        CompletableFuture<Boolean> counted =
                future.handle((confirmation, failure) -> complete(confirmation, failure, number));
        if (first) {
            first = false;
            boolean unused = counted.join();
        }
    }

    /** Counts and reports a message that is invalid and not sent. */
    void reject(long number, String reason) {
        if (counts.rejected()) {
            failures.report(unit + " " + number, reason);
        }
    }

    /** Refuses further messages. */
    void end() {
        counts.end();
    }

    boolean ended() {
        return counts.ended();
    }

    /** Returns the number of messages without an outcome. */
    long pending() {
        return counts.pending();
    }

    /** Waits until every message has its outcome. */
    public PublishSummary await() throws InterruptedException {
        boolean unused = await(UNLIMITED);
        return summary();
    }

    /** Waits until every message has its outcome. Returns false if one has none in time. */
    boolean await(Duration limit) throws InterruptedException {
        return counts.await(limit);
    }

    /** Returns the counts so far, and says how many failures were not shown. */
    PublishSummary summary() {
        failures.reportOmitted();
        return counts.summary();
    }

    private boolean complete(@Nullable Confirmation confirmation, @Nullable Throwable failure, long number) {
        if (confirmation != null) {
            counts.confirmed(number, confirmation);
        } else if (failure != null) {
            if (isFatal(failure)) {
                fatalError = failure;
            }
            failures.report(unit + " " + number, ErrorHandler.describe(failure));
            counts.failed(failure); // last: await may return now
        }
        return confirmation != null;
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
