package dev.holdfast;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How often and after what pauses a failed publish, connect or {@link Connection#ensure operation} is tried again.
 * Immutable and thread-safe. Unless {@link #retryOn} says otherwise, only errors that are {@link
 * AmqpException#recoverable() recoverable} are retried. A policy of n retries makes n + 1 attempts and waits n
 * times; unless told otherwise, n is 30.
 *
 * <pre>{@code
 * RetryPolicy.linear(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30))   // 0, 2, 4 ... 28, 30, 30 ... s
 *         .maxRetries(30);                                                          // sleeps 660 s in all
 * }</pre>
 */
public final class RetryPolicy {
    private static final int DEFAULT_MAX_RETRIES = 30;
    private static final System.Logger LOG = System.getLogger("dev.holdfast");
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final Duration FALLBACK_DELAY = Duration.ofSeconds(1);

    /** Retries whose waits {@link #budget} adds up one by one; each later one counts as the last of these. */
    private static final int MAX_SUMMED = 1000;

    private static final int ENDLESS = Integer.MAX_VALUE;
    private static final RetryPolicy NONE =
            new RetryPolicy(retry -> Duration.ZERO, 0, null, AmqpException::recoverable);
    private static final RetryPolicy DEFAULT = linear(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30));

    private final Backoff backoff;
    private final int maxRetries;
    private final @Nullable BiConsumer<AmqpException, Duration> onRetry;
    private final Predicate<? super AmqpException> retryOn;

    /** Computes the wait before each retry. Called from several threads. */
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
     * Returns the policy that {@link PublishOptions#retry()} takes: that of Kombu's guide, {@code linear(0, 2 s, 30 s)}
     * with 30 retries. Its sleeps sum up to 660 s, so it outlives an outage of ten minutes; what attempts take comes on
     * top.
     */
    public static RetryPolicy defaultPolicy() {
        return DEFAULT;
    }

    /** Returns the policy that never retries. */
    public static RetryPolicy none() {
        return NONE;
    }

    /**
     * Returns Kombu's policy: waits of start, start + step, start + 2 step ..., none longer than max. Exactly as in
     * Kombu, the waits stop to grow at the largest {@code k * step <= max}: with 0, 4 and 30 that is 28.
     */
    public static RetryPolicy linear(Duration start, Duration step, Duration max) {
        return of(new Linear(
                Arguments.notNegative("start", start),
                Arguments.notNegative("step", step),
                Arguments.notNegative("max", max)));
    }

    /**
     * Returns a policy whose waits double from the initial one up to max. Each is shortened at random by up to a half,
     * so that many clients do not come back at the same moment.
     */
    public static RetryPolicy exponential(Duration initial, Duration max) {
        return of(new Exponential(Arguments.positive("initial", initial), Arguments.positive("max", max)));
    }

    /** Returns a policy with waits of your own. */
    public static RetryPolicy of(Backoff backoff) {
        return new RetryPolicy(
                requireNonNull(backoff, "backoff"), DEFAULT_MAX_RETRIES, null, AmqpException::recoverable);
    }

    /** Returns how many retries follow the first attempt; {@link Integer#MAX_VALUE} when endless. */
    public int maxRetries() {
        return maxRetries;
    }

    /** Sets how many retries follow the first attempt, 0 or more; default 30. */
    public RetryPolicy maxRetries(int maxRetries) {
        return new RetryPolicy(backoff, Arguments.range("maxRetries", maxRetries, 0, ENDLESS), onRetry, retryOn);
    }

    /**
     * Lets the policy retry without end; a publish with it needs a {@link PublishOptions#timeout(Duration) timeout}, an
     * {@code ensure} ends when the connection is closed.
     */
    public RetryPolicy forever() {
        return maxRetries(ENDLESS);
    }

    /** Tells whether the policy retries without end. */
    public boolean isEndless() {
        return maxRetries == ENDLESS;
    }

    /** Returns what is told of every retry, null for nothing. */
    public @Nullable BiConsumer<AmqpException, Duration> onRetry() {
        return onRetry;
    }

    /**
     * Sets what is told of every retry, with the failure and the wait that follows; default null. For a publish it
     * runs on the I/O thread, do not block; for {@link Connection#ensure} on the caller's. What it throws is logged and changes nothing.
     */
    public RetryPolicy onRetry(@Nullable BiConsumer<AmqpException, Duration> onRetry) {
        return new RetryPolicy(backoff, maxRetries, onRetry, retryOn);
    }

    /**
     * Sets which failures are retried, instead of {@link AmqpException#recoverable()}. It is asked on the I/O thread for a
     * publish, do not block; on the caller's for {@link Connection#ensure}. Where it throws, the failure is not retried. Whatever it says, a {@link RetriesExhaustedException} is not,
     * nor is a publish while no broker lets this client in.
     *
     * <pre>{@code
     * policy.retryOn(e -> e.recoverable() || e instanceof UnroutableException)   // the queue may be bound by then
     * }</pre>
     */
    public RetryPolicy retryOn(Predicate<? super AmqpException> retryOn) {
        return new RetryPolicy(backoff, maxRetries, onRetry, requireNonNull(retryOn, "retryOn"));
    }

    /**
     * Returns the wait before the given retry.
     *
     * @param retry 1 for the first retry
     */
    public Duration delay(int retry) {
        Arguments.range("retry", retry, 1, ENDLESS);
        Duration wait;
        try {
            wait = requireNonNull(backoff.delay(retry), "backoff");
        } catch (RuntimeException e) {
            logFailure("a Backoff threw an exception; the wait is 1 s", e);
            return FALLBACK_DELAY;
        }
        return wait.isNegative() ? Duration.ZERO : wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }

    /** Tells whether one attempt is all there is. */
    public boolean isNone() {
        return maxRetries == 0;
    }

    /** Tells whether this many attempts, the first included, are all that the policy allows. */
    public boolean exhausted(int attempts) {
        return !isEndless() && attempts > maxRetries;
    }

    /** Returns the sum of all waits: how long the policy keeps a publish going, ten years at the most. */
    public Duration budget() {
        if (isEndless()) {
            return LONGEST;
        }
        Duration sum = Duration.ZERO;
        int summed = Math.min(maxRetries, MAX_SUMMED);
        for (int retry = 1; retry <= summed && sum.compareTo(LONGEST) < 0; retry++) {
            sum = sum.plus(delay(retry));
        }
        // By then the waits grow no more.
        sum = maxRetries > summed ? sum.plus(delay(MAX_SUMMED).multipliedBy(maxRetries - summed)) : sum;
        return sum.compareTo(LONGEST) > 0 ? LONGEST : sum;
    }

    /** Tells whether the policy retries after this failure at all; how often is for the caller to count. */
    public boolean retries(AmqpException failure) {
        try {
            return maxRetries > 0 && !(failure instanceof RetriesExhaustedException) && retryOn.test(failure);
        } catch (RuntimeException e) {
            logFailure("retryOn threw an exception; the failure is not retried", e);
            return false;
        }
    }

    private static void logFailure(String message, RuntimeException cause) {
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
        private static final int MAX_SHIFT = 40;

        @Override
        public Duration delay(int retry) {
            Duration full = initial.multipliedBy(1L << Math.min(retry - 1, MAX_SHIFT));
            long nanos = (full.compareTo(max) > 0 ? max : full).toNanos();
            return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 2 + 1));
        }
    }
}
