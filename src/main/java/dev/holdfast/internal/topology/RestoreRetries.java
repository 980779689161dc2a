package dev.holdfast.internal.topology;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.internal.state.RestoreSchedule;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The items of one kind (entities, consumers or channels) whose restore has failed. Each has its own schedule and
 * timer, so that no item waits for another, and each step is reported.
 *
 * <p>Event loop only.
 *
 * @param <K> identifies an item across attempts
 */
public final class RestoreRetries<K> {
    private final Policy policy;
    private final Consumer<K> attempt;
    private final Map<K, Retry> retries = new HashMap<>();

    /**
     * When items are tried again, and who is told.
     *
     * @param min the delay after the first failure of an item, doubled after each further one
     * @param max the maximum delay
     * @param limit the time after the first failure at which an item is given up
     * @param guard wraps an attempt, so that what it throws ends the link: the next one restores all items
     */
    public record Policy(
            EventLoop loop,
            Duration min,
            Duration max,
            Duration limit,
            Reporter reporter,
            UnaryOperator<Runnable> guard) {}

    /** Receives each step of a restore. */
    public interface Reporter {
        /** The item could not be restored for this many times, and is tried again after the delay. */
        void restoreRetrying(String item, int failures, AmqpException cause, Duration delay);

        /** The item is restored after failed attempts. */
        void restored(String item);

        /** The item could not be restored and is not tried again on this link. */
        void restoreGivenUp(String item, AmqpException cause);
    }

    private static final class Retry {
        private final String item;
        private final RestoreSchedule schedule;
        private AmqpException cause;

        /** Null while an attempt is due or under way. */
        private @Nullable Future<?> timer;

        Retry(String item, RestoreSchedule schedule, AmqpException cause) {
            this.item = item;
            this.schedule = schedule;
            this.cause = cause;
        }
    }

    /** @param attempt tries an item again, which ends in {@link #failed}, {@link #succeeded} or {@link #remove} */
    public RestoreRetries(Policy policy, Consumer<K> attempt) {
        this.policy = policy;
        this.attempt = attempt;
    }

    /**
     * An attempt has failed. Returns null if another one follows, else why the item is given up.
     *
     * @param item names the item in reports
     */
    public @Nullable AmqpException failed(K key, String item, Throwable error) {
        AmqpException cause = typed(item, error);
        Retry retry = retries.computeIfAbsent(
                key, unused -> new Retry(item, new RestoreSchedule(policy.min(), policy.max(), policy.limit()), cause));
        stopTimer(retry);
        retry.cause = cause;
        long now = policy.loop().ticker().nanoTime();
        long delay =
                retry.schedule.failed(cause, now, ThreadLocalRandom.current().nextDouble());
        if (delay == RestoreSchedule.GIVE_UP) {
            retries.remove(key);
            policy.reporter().restoreGivenUp(item, cause);
            return cause;
        }
        policy.reporter().restoreRetrying(item, retry.schedule.failures(), cause, Duration.ofNanos(delay));
        retry.timer = policy.loop().schedule(guarded(key, retry), delay, TimeUnit.NANOSECONDS);
        return null;
    }

    private static AmqpException typed(String item, Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        return cause instanceof AmqpException known
                ? known
                : new AmqpConnectionException(
                        item + " cannot be restored: " + cause,
                        cause,
                        0,
                        AmqpConnectionException.Initiator.CLIENT,
                        cause instanceof Error); // such as a lack of memory, which may pass
    }

    private Runnable guarded(K key, Retry retry) {
        return policy.guard().apply(() -> due(key, retry));
    }

    private void due(K key, Retry retry) {
        if (retries.get(key) == retry) {
            stopTimer(retry);
            attempt.accept(key);
        }
    }

    /** Tries an item that waits at once: what it waits for may be there. */
    public void tryNow(K key) {
        Retry retry = retries.get(key);
        if (retry != null && retry.timer != null) {
            guarded(key, retry).run();
        }
    }

    /** The item is restored. Returns whether an attempt had failed before. */
    public boolean succeeded(K key) {
        Retry retry = retries.remove(key);
        if (retry == null) {
            return false;
        }
        stopTimer(retry);
        policy.reporter().restored(retry.item);
        return true;
    }

    /** The item is not wanted any more. Returns whether its restore had failed. */
    public boolean remove(K key) {
        Retry retry = retries.remove(key);
        if (retry != null) {
            stopTimer(retry);
        }
        return retry != null;
    }

    /** Whether no item waits to be tried again. */
    public boolean isEmpty() {
        return retries.isEmpty();
    }

    /** Whether the delay before the next attempt is not over. */
    public boolean isWaiting(K key) {
        Retry retry = retries.get(key);
        return retry != null && retry.timer != null;
    }

    /** Why the last attempt failed; null if the item is restored, or is not known here. */
    public @Nullable AmqpException failure(K key) {
        Retry retry = retries.get(key);
        return retry == null ? null : retry.cause;
    }

    /** The link is lost: the next one restores all items anew. */
    public void clear() {
        retries.values().forEach(RestoreRetries::stopTimer);
        retries.clear();
    }

    private static void stopTimer(Retry retry) {
        if (retry.timer != null) {
            retry.timer.cancel(false);
            retry.timer = null;
        }
    }
}
