package dev.holdfast;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The number of retries, and the waits before them, of a failed publish, connect or {@link Connection#ensure
 * operation}. Immutable and thread-safe; withers return a copy. Only {@link AmqpException#recoverable() recoverable}
 * errors are retried, unless {@link #retryOn} replaces that rule. A policy of n retries makes n + 1 attempts and waits
 * n times; by default n is 30.
 *
 * <pre>{@code
 * RetryPolicy.linear(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30))   // 0, 2, 4 ... 28, 30, 30 ... s
 *         .maxRetries(30);                                                          // sleeps 660 s in all
 * }</pre>
 */
public final class RetryPolicy {
    private static final int DEFAULT_MAX_RETRIES = 30;
    private static final System.Logger LOG = System.getLogger("dev.holdfast");
    private static final Duration MAX_DURATION = Duration.ofDays(3650);
    private static final Duration FALLBACK_DELAY = Duration.ofSeconds(1);

    /** Number of waits that {@link #budget} adds one by one; it counts each later wait as equal to the last of them. */
    private static final int MAX_SUMMED = 1000;

    private static final int ENDLESS = Integer.MAX_VALUE;
    private static final RetryPolicy NONE =
            new RetryPolicy(retry -> Duration.ZERO, 0, null, AmqpException::recoverable);
    private static final RetryPolicy DEFAULT = linear(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30));

    private final Backoff backoff;
    private final int maxRetries;
    private final @Nullable BiConsumer<AmqpException, Duration> onRetry;
    private final Predicate<? super AmqpException> retryOn;

    /**
     * Computes the wait before each retry. Called from several threads, for a publish under the lock that all
     * publishers of the connection share: it must not block.
     */
    @FunctionalInterface
    public interface Backoff {
        /**
         * Returns how long to wait before the given retry; not negative.
         *
         * @param retry 1 for the first retry, which follows the first attempt
         */
        Duration delay(int retry);
    }

    private RetryPolicy(
            Backoff backoff,
            int maxRetries,
            @Nullable BiConsumer<AmqpException, Duration> onRetry,
            Predicate<? super AmqpException> retryOn) {
        this.backoff = backoff;
        this.maxRetries = maxRetries;
        this.onRetry = onRetry;
        this.retryOn = retryOn;
    }

    /**
     * Returns the policy of {@link PublishOptions#retry()}: that of Kombu's guide, {@code linear(0, 2 s, 30 s)} with 30
     * retries. Its waits add up to 660 s, so it survives an outage of ten minutes; the attempts take additional time.
     */
    public static RetryPolicy defaultPolicy() {
        return DEFAULT;
    }

    /** Returns the policy that never retries. */
    public static RetryPolicy none() {
        return NONE;
    }

    /**
     * Returns Kombu's policy ({@code interval_start}, {@code interval_step}, {@code interval_max}): waits of start,
     * start + step, start + 2 step and so on, none longer than max. As in Kombu, the number of steps is bounded by the
     * largest k with {@code k * step <= max}: with 0, 4 and 30 the longest wait is 28.
     *
     * @throws IllegalArgumentException if a duration is negative or above 3650 days
     */
    public static RetryPolicy linear(Duration start, Duration step, Duration max) {
        return of(new Linear(
                Arguments.notNegative("start", start),
                Arguments.notNegative("step", step),
                Arguments.notNegative("max", max)));
    }

    /**
     * Returns a policy whose waits double from initial up to max. Each wait is shortened by a random part, up to half
     * of it, so that many clients do not reconnect at the same moment.
     *
     * @throws IllegalArgumentException if a duration is zero, negative or above 3650 days
     */
    public static RetryPolicy exponential(Duration initial, Duration max) {
        return of(new Exponential(Arguments.positive("initial", initial), Arguments.positive("max", max)));
    }

    /** Returns a policy with the waits of the given function; a negative wait counts as zero. */
    public static RetryPolicy of(Backoff backoff) {
        return new RetryPolicy(
                requireNonNull(backoff, "backoff"), DEFAULT_MAX_RETRIES, null, AmqpException::recoverable);
    }

    /** Returns the maximum number of retries after the first attempt; {@link Integer#MAX_VALUE} means no limit. */
    public int maxRetries() {
        return maxRetries;
    }

    /** Sets the maximum number of retries after the first attempt, at least 0; default 30. */
    public RetryPolicy maxRetries(int maxRetries) {
        return new RetryPolicy(backoff, Arguments.range("maxRetries", maxRetries, 0, ENDLESS), onRetry, retryOn);
    }

    /**
     * Removes the limit of retries. A publish with such a policy needs a {@link PublishOptions#timeout(Duration)
     * timeout}; an {@code ensure} ends when the connection is closed.
     */
    public RetryPolicy forever() {
        return maxRetries(ENDLESS);
    }

    /** Returns whether the number of retries is unlimited. */
    public boolean isEndless() {
        return maxRetries == ENDLESS;
    }

    /** Returns the callback for every retry, null for none. */
    public @Nullable BiConsumer<AmqpException, Duration> onRetry() {
        return onRetry;
    }

    /**
     * Sets the callback for every retry, with the failure and the wait that follows it; default null. For a publish it
     * runs on the I/O thread, or on {@link ConnectionOptions#completionExecutor} if set, and must not block; for
     * {@link Connection#ensure} it runs on the caller's thread. An exception of the callback is logged and otherwise
     * ignored.
     */
    public RetryPolicy onRetry(@Nullable BiConsumer<AmqpException, Duration> onRetry) {
        return new RetryPolicy(backoff, maxRetries, onRetry, retryOn);
    }

    /**
     * Sets the failures that are retried, in place of {@link AmqpException#recoverable()}. For a publish the predicate
     * runs on the I/O thread, under the lock that all publishers of the connection share, and must not block; for
     * {@link Connection#ensure} it runs on the caller's thread. If it throws, the failure is not retried. A
     * {@link RetriesExhaustedException} is never retried, nor is a publish while every broker rejects this client.
     *
     * <pre>{@code
     * policy.retryOn(e -> e.recoverable() || e instanceof UnroutableException)   // the queue may be bound by then
     * }</pre>
     */
    public RetryPolicy retryOn(Predicate<? super AmqpException> retryOn) {
        return new RetryPolicy(backoff, maxRetries, onRetry, requireNonNull(retryOn, "retryOn"));
    }

    /**
     * Returns the wait before the given retry, 0 to 3650 days. If the {@link Backoff} throws, that is logged and the
     * wait is 1 s.
     *
     * @param retry 1 for the first retry
     * @throws IllegalArgumentException if the retry is below 1
     */
    public Duration delay(int retry) {
        Arguments.range("retry", retry, 1, ENDLESS);
        Duration wait;
        try {
            wait = requireNonNull(backoff.delay(retry), "backoff");
        } catch (RuntimeException | Error e) {
            logFailure("a Backoff threw an exception; the wait is 1 s", e);
            return FALLBACK_DELAY;
        }
        return wait.isNegative() ? Duration.ZERO : wait.compareTo(MAX_DURATION) > 0 ? MAX_DURATION : wait;
    }

    /** Returns whether the policy never retries. */
    public boolean isNone() {
        return maxRetries == 0;
    }

    /** Returns whether the policy allows no attempt after this many, the first included. */
    public boolean exhausted(int attempts) {
        return !isEndless() && attempts > maxRetries;
    }

    /** Returns the sum of all waits of one publish, at most 3650 days; 3650 days for an endless policy. */
    public Duration budget() {
        if (isEndless()) {
            return MAX_DURATION;
        }
        Duration sum = Duration.ZERO;
        int summed = Math.min(maxRetries, MAX_SUMMED);
        for (int retry = 1; retry <= summed && sum.compareTo(MAX_DURATION) < 0; retry++) {
            sum = sum.plus(delay(retry));
        }
        sum = maxRetries > summed ? sum.plus(delay(MAX_SUMMED).multipliedBy(maxRetries - summed)) : sum;
        return sum.compareTo(MAX_DURATION) > 0 ? MAX_DURATION : sum;
    }

    /** Returns whether the policy retries after this failure. The caller counts the attempts. */
    public boolean retries(AmqpException failure) {
        try {
            return maxRetries > 0 && !(failure instanceof RetriesExhaustedException) && retryOn.test(failure);
        } catch (RuntimeException | Error e) {
            logFailure("retryOn threw an exception; the failure is not retried", e);
            return false;
        }
    }

    private static void logFailure(String message, Throwable cause) {
        LOG.log(System.Logger.Level.WARNING, message, cause);
    }

    /** Returns the waits and the number of retries. */
    @Override
    public String toString() {
        return "RetryPolicy{"
                + (maxRetries == 0 ? "none" : backoff + ", maxRetries=" + (isEndless() ? "endless" : maxRetries)) + "}";
    }

    private record Linear(Duration start, Duration step, Duration max) implements Backoff {
        @Override
        public Duration delay(int retry) {
            long steps = step.isZero() ? 0 : Math.min(retry - 1L, max.dividedBy(step));
            Duration delay = start.plus(step.multipliedBy(steps));
            return delay.compareTo(max) > 0 ? max : delay;
        }
    }

    private record Exponential(Duration initial, Duration max) implements Backoff {
        @Override
        public Duration delay(int retry) {
            long first = initial.toNanos();
            int doublings = Math.min(retry - 1, Long.numberOfLeadingZeros(first) - 1);
            long nanos = Math.min(max.toNanos(), first << doublings);
            return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 2 + 1));
        }
    }
}
