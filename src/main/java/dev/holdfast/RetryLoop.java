package dev.holdfast;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@link Connection#ensure} or {@link Connection#ensureConnection}: attempts, each with a link, and before
 * every retry the policy's sleep. A connect round that fails is an attempt like any other.
 */
final class RetryLoop {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final RetryPolicy policy;
    private final @Nullable Duration timeout;
    private final Links links;
    private final long begin;
    private int attempts;
    private PublishException.DeliveryStatus delivery = PublishException.DeliveryStatus.NOT_SENT;

    /** The connection and the time, as far as they matter here. */
    interface Links {
        /** Done when a link is up, failed when a round over the brokers has failed. */
        CompletableFuture<Void> connect();

        /** Done when the time is over, or a link has opened, or the connection is closed. */
        CompletableFuture<Void> pause(Duration length);

        long nanoTime();
    }

    RetryLoop(RetryPolicy policy, @Nullable Duration timeout, Links links) {
        this.policy = policy;
        this.timeout = timeout == null ? null : Arguments.positive("timeout", timeout);
        this.links = links;
        this.begin = links.nanoTime();
    }

    /** Connects, without keeping a thread. */
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
                    links.pause(failed(BlockingCalls.unwrap(error))).whenComplete((over, closed) -> connectInto(done));
                }
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
    }

    /** Runs the operation until it succeeds; on the caller's thread. */
    <T extends @Nullable Object> T run(Supplier<T> operation) {
        while (true) {
            RuntimeException failure;
            try {
                Void unused = BlockingCalls.forReply(connect(), "ensure");
                return called(operation);
            } catch (AmqpException e) {
                failure = e;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw failure;
            }
            Void unused = BlockingCalls.forReply(links.pause(failed(failure)), "ensure");
        }
    }

    private <T extends @Nullable Object> T called(Supplier<T> operation) {
        try {
            return operation.get();
        } catch (AmqpException e) {
            boolean unsent =
                    e instanceof PublishException known && known.delivery() == PublishException.DeliveryStatus.NOT_SENT;
            delivery = unsent ? delivery : PublishException.DeliveryStatus.UNKNOWN;
            throw e;
        }
    }

    private CompletableFuture<Void> connect() {
        CompletableFuture<Void> opened = links.connect();
        if (timeout != null && !opened.isDone()) {
            CompletableFuture<Void> over = links.pause(left(timeout));
            over.whenComplete((done, closed) -> opened.completeExceptionally(
                    new AmqpTimeoutException("no connection after " + timeout.toMillis() + " ms")));
            opened.whenComplete((done, error) -> over.complete(null));
        }
        return opened;
    }

    /** Returns how long to sleep before the next attempt, or throws what the call ends with. */
    private Duration failed(RuntimeException error) {
        if (!(error instanceof AmqpException failure) || !policy.retries(failure)) {
            throw error;
        }
        attempts++;
        Duration delay = policy.exhausted(attempts) ? Duration.ZERO : policy.delay(attempts);
        if (policy.exhausted(attempts) || (timeout != null && delay.compareTo(left(timeout)) >= 0)) {
            throw new RetriesExhaustedException("ensure", attempts, failure, delivery);
        }
        if (policy.onRetry() != null) {
            try {
                policy.onRetry().accept(failure, delay);
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.WARNING, "an onRetry callback threw; the retry continues", e);
            }
        }
        return delay;
    }

    private Duration left(Duration timeout) {
        Duration left = timeout.minusNanos(links.nanoTime() - begin);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
