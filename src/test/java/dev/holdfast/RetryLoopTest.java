package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.testing.LogLines;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kombu's ensure, autoretry and retry_over_time, with a clock that only sleeps advance. */
class RetryLoopTest {
    private static final RetryPolicy DOCS =
            RetryPolicy.linear(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30));

    private final FakeLinks links = new FakeLinks();
    private int calls;

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10})
    void nRetriesAreExactlyNPlusOneCalls(int retries) {
        RetriesExhaustedException thrown = catchThrowableOfType(
                RetriesExhaustedException.class,
                () -> retryLoop(DOCS.maxRetries(retries)).run(failing(nack())));

        assertThat(calls).isEqualTo(retries + 1);
        assertThat(links.sleeps).hasSize(retries);
        assertThat(thrown.attempts()).isEqualTo(retries + 1);
        assertThat(thrown).hasMessageStartingWith("ensure failed after " + (retries + 1) + " attempts: message nacked");
        assertThat(thrown).hasCauseInstanceOf(NackedException.class);
        assertThat(thrown.delivery()).isEqualTo(DeliveryStatus.UNKNOWN);
    }

    @Test
    void withoutRetriesTheFailureIsThrownUnchanged() {
        assertThatThrownBy(() -> retryLoop(DOCS.maxRetries(0)).run(failing(nack())))
                .isInstanceOf(NackedException.class);
        assertThatThrownBy(() -> retryLoop(RetryPolicy.none()).run(failing(nack())))
                .isInstanceOf(NackedException.class);
        assertThat(calls).isEqualTo(2);
        assertThat(links.sleeps).isEmpty();
    }

    /** Kombu #735, #795, #902, #918, #1024: while the broker was down the policy was ignored or retried endlessly. */
    @Test
    void complaint5OneBudgetBoundsConnectsToo() {
        links.failRounds(Integer.MAX_VALUE);

        RetriesExhaustedException thrown = catchThrowableOfType(
                RetriesExhaustedException.class, () -> retryLoop(DOCS).run(failing(nack())));

        assertThat(calls).isZero();
        assertThat(links.connects).isEqualTo(31);
        assertThat(links.slept()).isEqualTo(Duration.ofMinutes(11));
        assertThat(thrown).hasCauseInstanceOf(ConnectFailedException.class);
        assertThat(thrown.delivery()).isEqualTo(DeliveryStatus.NOT_SENT);
    }

    @Test
    void complaint5ConnectsAndCallsShareTheBudget() {
        links.failRounds(2);

        assertThatThrownBy(() -> retryLoop(DOCS.maxRetries(4)).run(failing(nack())))
                .isInstanceOf(RetriesExhaustedException.class);
        assertThat(links.connects).isEqualTo(5);
        assertThat(calls).isEqualTo(3);
    }

    /** Kombu PR #2588, #1482: sleeps over the maximum, one call too many, and no sleep after a nack. */
    @Test
    void complaint6SleepsBeforeEveryRetryAfterANackToo() {
        RetryPolicy policy = RetryPolicy.linear(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30));

        assertThatThrownBy(() -> retryLoop(policy.maxRetries(5)).run(failing(nack())))
                .isInstanceOf(RetriesExhaustedException.class);
        assertThat(links.sleeps).extracting(Duration::toSeconds).containsExactly(5L, 15L, 25L, 30L, 30L);
    }

    @Test
    void complaint6SleepsAfterAChannelErrorToo() {
        Deque<RuntimeException> failures =
                new ArrayDeque<>(List.of(new AmqpChannelException("locked", 1, 405, "queue.declare", true), nack()));

        String result = retryLoop(DOCS).run(() -> {
            if (!failures.isEmpty()) {
                throw failures.removeFirst();
            }
            return "done";
        });

        assertThat(result).isEqualTo("done");
        assertThat(links.sleeps).containsExactly(Duration.ZERO, Duration.ofSeconds(2));
    }

    @Test
    void onRetryIsCalledBeforeEveryRetryAndMayThrow() {
        List<String> retries = new ArrayList<>();
        links.failRounds(2);

        assertThatThrownBy(() -> retryLoop(DOCS.maxRetries(3).onRetry((failure, delay) -> {
                            retries.add(failure.getClass().getSimpleName() + " " + delay.toSeconds());
                            throw new IllegalStateException("of the user");
                        }))
                        .run(failing(nack())))
                .isInstanceOf(RetriesExhaustedException.class);
        assertThat(retries)
                .containsExactly("ConnectFailedException 0", "ConnectFailedException 2", "NackedException 4");
    }

    @Test
    void anErrorOfOnRetryIsLoggedAndTheRetryContinues() {
        RetryPolicy policy = DOCS.maxRetries(3).onRetry((failure, delay) -> {
            throw new AssertionError("of the user");
        });
        links.failRounds(2);

        try (LogLines log = new LogLines()) {
            assertThat(retryLoop(policy).connected()).isCompleted();
            assertThat(retryLoop(policy).run(() -> "done")).isEqualTo("done");
            assertThat(log.lines(Level.WARNING)).contains("onRetry", "java.lang.AssertionError: of the user");
        }
        assertThat(links.connects).isEqualTo(4);
    }

    @Test
    void anUnrecoverableFailureIsThrownUnchanged() {
        UnroutableException unroutable = new UnroutableException(312, "NO_ROUTE", "x", "y");

        assertThatThrownBy(() -> retryLoop(DOCS).run(failing(unroutable))).isSameAs(unroutable);
        assertThatThrownBy(() -> retryLoop(DOCS).run(failing(new IllegalStateException("of the user"))))
                .hasMessage("of the user");
        assertThat(calls).isEqualTo(2);
    }

    @Test
    void retriesTheFailuresOfRetryOn() {
        RetryPolicy policy = DOCS.maxRetries(2).retryOn(UnroutableException.class::isInstance);

        assertThatThrownBy(() -> retryLoop(policy).run(failing(new UnroutableException(312, "NO_ROUTE", "x", "y"))))
                .isInstanceOf(RetriesExhaustedException.class);
        assertThat(calls).isEqualTo(3);
    }

    @Test
    void nestedPoliciesDoNotMultiplyAttempts() {
        RetryPolicy twoRetries = DOCS.maxRetries(2).retryOn(failure -> true);

        RetriesExhaustedException thrown = catchThrowableOfType(
                RetriesExhaustedException.class,
                () -> retryLoop(twoRetries).run(() -> retryLoop(twoRetries).run(failing(nack()))));

        assertThat(calls).isEqualTo(3);
        assertThat(thrown.attempts()).isEqualTo(3);
    }

    @Test
    void endsWhenTheNextSleepWouldExceedTheTimeout() {
        RetryLoop loop = new RetryLoop(DOCS.forever(), Duration.ofSeconds(12), links);

        assertThatThrownBy(() -> loop.run(failing(nack()))).isInstanceOf(RetriesExhaustedException.class);
        assertThat(links.sleeps).extracting(Duration::toSeconds).containsExactly(0L, 2L, 4L);
        assertThat(calls).isEqualTo(4);
    }

    @Test
    void theTimeoutEndsAHangingConnect() {
        links.hangs = true;

        assertThatThrownBy(() -> new RetryLoop(DOCS, Duration.ofSeconds(3), links).run(failing(nack())))
                .isInstanceOf(RetriesExhaustedException.class)
                .hasRootCauseMessage("no connection after 3000 ms");
        assertThat(links.slept()).isEqualTo(Duration.ofSeconds(3));
        assertThatIllegalArgumentException().isThrownBy(() -> new RetryLoop(DOCS, Duration.ZERO, links));
    }

    @Test
    void anInterruptEndsTheRetries() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> retryLoop(DOCS.forever()).run(failing(nack())))
                    .isInstanceOf(AmqpException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(calls).isLessThanOrEqualTo(1);
    }

    @Test
    void connectsUnderThePolicy() throws Exception {
        links.failRounds(3);

        assertThat(retryLoop(DOCS).connected()).isCompleted();
        assertThat(links.sleeps).extracting(Duration::toSeconds).containsExactly(0L, 2L, 4L);
        assertThat(links.connects).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void nRetriesAreNPlusOneConnects(int retries) {
        links.failRounds(Integer.MAX_VALUE);

        assertThatThrownBy(() -> retryLoop(DOCS.maxRetries(retries)).connected().get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(retries == 0 ? ConnectFailedException.class : RetriesExhaustedException.class);
        assertThat(links.connects).isEqualTo(retries + 1);
    }

    private RetryLoop retryLoop(RetryPolicy policy) {
        return new RetryLoop(policy, null, links);
    }

    private Supplier<String> failing(RuntimeException failure) {
        return () -> {
            calls++;
            throw failure;
        };
    }

    private static NackedException nack() {
        return new NackedException("x", "y");
    }

    /** Connect rounds of which the first {@code failingRounds} fail, and a clock that sleeps advance. */
    private static final class FakeLinks implements RetryLoop.Links {
        final List<Duration> sleeps = Collections.synchronizedList(new ArrayList<>());
        int connects;
        int failingRounds;
        boolean hangs;
        long now = Long.MAX_VALUE; // nanoTime may wrap

        void failRounds(int rounds) {
            failingRounds = rounds;
        }

        Duration slept() {
            return sleeps.stream().reduce(Duration.ZERO, Duration::plus);
        }

        @Override
        public CompletableFuture<Void> connect() {
            connects++;
            if (hangs) {
                return new CompletableFuture<>();
            }
            return connects <= failingRounds
                    ? CompletableFuture.failedFuture(new ConnectFailedException("down", null, true))
                    : CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> pause(Duration length) {
            sleeps.add(length);
            now += length.toNanos();
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public long nanoTime() {
            return now;
        }
    }
}
