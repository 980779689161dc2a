package dev.holdfast;

import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.internal.concurrent.UserCallbacks;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Repeats one call of {@link Connection#ensure} or {@link Connection#ensureConnection} under a retry policy. Each
 * attempt waits for a link first, and a failed connect round counts as an attempt. The policy sleeps before every
 * retry.
 */
final class RetryLoop {
    private final RetryPolicy policy;
    private final @Nullable Duration timeout;
    private final Links links;
    private final long startNanos;
    private int failedAttempts;
    private DeliveryStatus delivery = DeliveryStatus.NOT_SENT;

    /** The connection's links and clock. */
    interface Links {
        /** Completes when a link is up, fails when a round over the brokers has failed. */
        CompletableFuture<Void> connect();

        /** Completes when the time is over, a link opens or the connection is closed. */
        CompletableFuture<Void> pause(Duration length);

        long nanoTime();
    }

    RetryLoop(RetryPolicy policy, @Nullable Duration timeout, Links links) {
        this.policy = policy;
        this.timeout = timeout == null ? null : Arguments.positive("timeout", timeout);
        this.links = links;
        this.startNanos = links.nanoTime();
    }

    /** Connects without blocking a thread. */
    CompletableFuture<Void> connected() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        connectInto(done);
        return done;
    }

    private void connectInto(CompletableFuture<Void> done) {
        connect().whenComplete((opened, error) -> {
            try {
                if (error == null || done.isDone()) {
                    done.complete(null);
                } else {
                    links.pause(delayAfter(BlockingCalls.unwrap(error)))
                            .whenComplete((over, closed) -> connectInto(done));
                }
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
    }

    /** Runs the operation on the caller's thread until it succeeds. */
    <T extends @Nullable Object> T run(Supplier<T> operation) {
        while (true) {
            RuntimeException failure;
            try {
                Void unused = BlockingCalls.forReply(connect(), "ensure");
                return attempt(operation);
            } catch (AmqpException e) {
                failure = e;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw failure;
            }
            Void unused = BlockingCalls.forReply(links.pause(delayAfter(failure)), "ensure");
        }
    }

    private <T extends @Nullable Object> T attempt(Supplier<T> operation) {
        try {
            return operation.get();
        } catch (AmqpException e) {
            boolean notSent = e instanceof PublishException failure && failure.delivery() == DeliveryStatus.NOT_SENT;
            delivery = notSent ? delivery : DeliveryStatus.UNKNOWN;
            throw e;
        }
    }

    private CompletableFuture<Void> connect() {
        CompletableFuture<Void> opened = links.connect();
        if (timeout != null && !opened.isDone()) {
            CompletableFuture<Void> timer = links.pause(remaining(timeout));
            timer.whenComplete((done, closed) -> opened.completeExceptionally(
                    new AmqpTimeoutException("no connection after " + timeout.toMillis() + " ms")));
            opened.whenComplete((done, error) -> timer.complete(null));
        }
        return opened;
    }

    /** Returns the sleep before the next attempt, or throws the exception that ends the call. */
    private Duration delayAfter(RuntimeException error) {
        if (!(error instanceof AmqpException failure) || !policy.retries(failure)) {
            throw error;
        }
        failedAttempts++;
        Duration delay = policy.exhausted(failedAttempts) ? Duration.ZERO : policy.delay(failedAttempts);
        if (policy.exhausted(failedAttempts) || (timeout != null && delay.compareTo(remaining(timeout)) >= 0)) {
            throw new RetriesExhaustedException("ensure", failedAttempts, failure, delivery);
        }
        if (policy.onRetry() != null) {
            try {
                policy.onRetry().accept(failure, delay);
            } catch (RuntimeException | Error e) {
                UserCallbacks.logFailure("an onRetry callback threw; the retry continues", e);
            }
        }
        return delay;
    }

    private Duration remaining(Duration timeout) {
        Duration remaining = timeout.minusNanos(links.nanoTime() - startNanos);
        return remaining.isNegative() ? Duration.ZERO : remaining;
    }
}
