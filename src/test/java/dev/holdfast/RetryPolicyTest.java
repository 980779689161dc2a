package dev.holdfast;

import static dev.holdfast.InvalidArguments.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {
    /** The waits of Kombu's policies, those of its defaults, guide, unit test and Celery, each clamped at max. */
    @ParameterizedTest
    @CsvSource({
        "0, 2000, 30000,"
                + " 0 2000 4000 6000 8000 10000 12000 14000 16000 18000 20000 22000 24000 26000 28000 30000 30000",
        "2000, 2000, 30000,"
                + " 2000 4000 6000 8000 10000 12000 14000 16000 18000 20000 22000 24000 26000 28000 30000 30000",
        "1000, 1000, 1000, 1000 1000 1000",
        "0, 200, 1000, 0 200 400 600 800 1000 1000",
        "2000, 2000, 14000, 2000 4000 6000 8000 10000 12000 14000 14000 14000",
        "5000, 10000, 30000, 5000 15000 25000 30000 30000",
        "0, 4000, 30000, 0 4000 8000 12000 16000 20000 24000 28000 28000 28000",
        "0, 0, 30000, 0 0 0",
        "3000, 0, 30000, 3000 3000",
        "0, 5000, 0, 0 0 0",
        "50000, 1000, 30000, 30000 30000"
    })
    void linearWaitsAsKombu(long start, long step, long max, String waits) {
        RetryPolicy policy =
                RetryPolicy.linear(Duration.ofMillis(start), Duration.ofMillis(step), Duration.ofMillis(max));
        List<Long> expected = Arrays.stream(waits.split(" ")).map(Long::valueOf).toList();

        assertThat(IntStream.rangeClosed(1, expected.size()).mapToObj(policy::delay))
                .extracting(Duration::toMillis)
                .isEqualTo(expected);
    }

    @Test
    void theDefaultWaitsElevenMinutesInTotal() {
        RetryPolicy policy = RetryPolicy.defaultPolicy();

        assertThat(policy.maxRetries()).isEqualTo(30);
        assertThat(IntStream.rangeClosed(1, 30).mapToObj(policy::delay).reduce(Duration.ZERO, Duration::plus))
                .isEqualTo(Duration.ofMinutes(11));
        assertThat(policy.isEndless()).isFalse();
    }

    @Test
    void retryOnReplacesTheDefaultRule() {
        RetryPolicy policy = RetryPolicy.defaultPolicy().retryOn(UnroutableException.class::isInstance);

        assertThat(policy.retries(new UnroutableException(312, "NO_ROUTE", "x", "y")))
                .isTrue();
        assertThat(policy.maxRetries(7).onRetry(null).retries(new NackedException("x", "y")))
                .isFalse();
        assertThat(policy.retryOn(failure -> {
                            throw new IllegalStateException("from retryOn");
                        })
                        .retries(new NackedException("x", "y")))
                .isFalse();
    }

    @Test
    void exhaustedRetriesAreNeverRetried() {
        NackedException cause = new NackedException("x", "y");

        assertThat(RetryPolicy.defaultPolicy()
                        .retryOn(failure -> true)
                        .retries(new RetriesExhaustedException(3, cause, PublishException.DeliveryStatus.UNKNOWN)))
                .isFalse();
    }

    @Test
    void theLargestRetryNumberDoesNotOverflow() {
        assertThat(RetryPolicy.defaultPolicy().delay(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(30));
        assertThat(RetryPolicy.exponential(Duration.ofDays(1), Duration.ofDays(3))
                        .delay(Integer.MAX_VALUE))
                .isBetween(Duration.ofHours(36), Duration.ofDays(3));
    }

    @Test
    void exponentialDoublesWithJitterUpToMax() {
        Duration longest = Duration.ofDays(3650);
        assertThat(RetryPolicy.exponential(longest, longest).delay(60)).isBetween(longest.dividedBy(2), longest);
        RetryPolicy policy = RetryPolicy.exponential(Duration.ofMillis(100), Duration.ofSeconds(1));

        for (int round = 0; round < 200; round++) {
            assertThat(policy.delay(1)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
            assertThat(policy.delay(3)).isBetween(Duration.ofMillis(200), Duration.ofMillis(400));
            assertThat(policy.delay(20)).isBetween(Duration.ofMillis(500), Duration.ofMillis(1000));
        }
    }

    @Test
    void onlyRecoverableErrorsAreRetried() {
        RetryPolicy policy = RetryPolicy.defaultPolicy();

        assertThat(policy.retries(new NackedException("x", "y"))).isTrue();
        assertThat(policy.retries(new UnroutableException(312, "NO_ROUTE", "x", "y")))
                .isFalse();
        assertThat(RetryPolicy.none().retries(new NackedException("x", "y"))).isFalse();
        assertThat(policy.maxRetries(0).retries(new NackedException("x", "y"))).isFalse();
    }

    @Test
    void onlyForeverIsEndless() {
        assertThat(RetryPolicy.exponential(Duration.ofMillis(1), Duration.ofMillis(1))
                        .isEndless())
                .isFalse();
        assertThat(RetryPolicy.defaultPolicy().forever().isEndless()).isTrue();
        assertThat(RetryPolicy.of(retry -> Duration.ofMillis(retry)).delay(7)).isEqualTo(Duration.ofMillis(7));
    }

    @Test
    void withersKeepTheOtherValues() {
        StringBuilder calls = new StringBuilder();
        RetryPolicy policy = RetryPolicy.defaultPolicy()
                .onRetry((error, delay) -> calls.append(delay))
                .maxRetries(3);

        policy.onRetry().accept(new NackedException("x", "y"), policy.delay(2));
        assertThat(calls).hasToString("PT2S");
        assertThat(policy.toString()).contains("maxRetries=3");
        assertThat(RetryPolicy.defaultPolicy().onRetry()).isNull();
    }

    @Test
    void invalidValuesAreRefused() {
        assertInvalid(() -> RetryPolicy.defaultPolicy().maxRetries(-1), "maxRetries: -1 (expected: >= 0)");
        assertInvalid(() -> RetryPolicy.linear(Duration.ofSeconds(-1), Duration.ZERO, Duration.ZERO), "start: PT-1S");
        assertInvalid(() -> RetryPolicy.exponential(Duration.ZERO, Duration.ofSeconds(1)), "initial: PT0S");
        assertInvalid(() -> RetryPolicy.defaultPolicy().delay(0), "retry: 0");
    }
}
