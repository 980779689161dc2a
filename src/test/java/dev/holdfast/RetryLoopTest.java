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

/** Kombu's ensure, autoretry and retry_over_time, on a clock that only sleeps move. */
class RetryLoopTest {
    private static final RetryPolicy DOCS =
            RetryPolicy.linear(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30));

    private final FakeLinks links = new FakeLinks();
    private int calls;

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10})
    void nRetriesAreNPlusOneCallsExactly(int retries) {
        RetriesExhaustedException thrown = catchThrowableOfType(
                RetriesExhaustedException.class,
                () -> ensuring(DOCS.maxRetries(retries)).run(failing(nack())));

        assertThat(calls).isEqualTo(retries + 1);
        assertThat(links.sleeps).hasSize(retries);
        assertThat(thrown.attempts()).isEqualTo(retries + 1);
        assertThat(thrown).hasMessageStartingWith("ensure failed after " + (retries + 1) + " attempts: message nacked");
        assertThat(thrown).hasCauseInstanceOf(NackedException.class);
        assertThat(thrown.delivery()).isEqualTo(DeliveryStatus.UNKNOWN);
    }

    @Test
    void withoutRetriesTheFailureComesAsItIs() {
        assertThatThrownBy(() -> ensuring(DOCS.maxRetries(0)).run(failing(nack())))
                .isInstanceOf(NackedException.class);
        assertThatThrownBy(() -> ensuring(RetryPolicy.none()).run(failing(nack())))
                .isInstanceOf(NackedException.class);
        assertThat(calls).isEqualTo(2);
        assertThat(links.sleeps).isEmpty();
    }

    /** Kombu #735, #795, #902, #918, #1024: the policy was ignored, or endless, while the broker was down. */
    @Test
    void complaint5OneBudgetBoundsConnectsToo() {
        links.down(Integer.MAX_VALUE);

        RetriesExhaustedException thrown = catchThrowableOfType(
                RetriesExhaustedException.class, () -> ensuring(DOCS).run(failing(nack())));

        assertThat(calls).isZero();
        assertThat(links.connects).isEqualTo(31);
        assertThat(links.slept()).isEqualTo(Duration.ofMinutes(11));
        assertThat(thrown).hasCauseInstanceOf(ConnectFailedException.class);
        assertThat(thrown.delivery()).isEqualTo(DeliveryStatus.NOT_SENT);
    }

    @Test
    void complaint5ConnectsAndCallsShareTheBudget() {
        links.down(2);

        assertThatThrownBy(() -> ensuring(DOCS.maxRetries(4)).run(failing(nack())))
                .isInstanceOf(RetriesExhaustedException.class);
        assertThat(links.connects).isEqualTo(5);
        assertThat(calls).isEqualTo(3);
    }

    /** Kombu PR #2588, #1482: sleeps over the maximum, a call too many, and no sleep at all after a nack. */
    @Test
    void complaint6SleepsBeforeEveryRetryAfterANackToo() {
        RetryPolicy policy = RetryPolicy.linear(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30));

        assertThatThrownBy(() -> ensuring(policy.maxRetries(5)).run(failing(nack())))
                .isInstanceOf(RetriesExhaustedException.class);
        assertThat(links.sleeps).extracting(Duration::toSeconds).containsExactly(5L, 15L, 25L, 30L, 30L);
    }

    @Test
    void complaint6SleepsAfterAChannelErrorToo() {
        Deque<RuntimeException> failures =
                new ArrayDeque<>(List.of(new AmqpChannelException("locked", 1, 405, "queue.declare", true), nack()));

        String result = ensuring(DOCS).run(() -> {
            if (!failures.isEmpty()) {
                throw failures.removeFirst();
            }
            return "done";
        });

        assertThat(result).isEqualTo("done");
        assertThat(links.sleeps).containsExactly(Duration.ZERO, Duration.ofSeconds(2));
    }

    @Test
    void tellsOfEveryRetryAndSurvivesWhatThatThrows() {
        List<String> told = new ArrayList<>();
        links.down(2);

        assertThatThrownBy(() -> ensuring(DOCS.maxRetries(3).onRetry((failure, delay) -> {
                            told.add(failure.getClass().getSimpleName() + " " + delay.toSeconds());
                            throw new IllegalStateException("theirs");
                        }))
                        .run(failing(nack())))
                .isInstanceOf(RetriesExhaustedException.class);
        assertThat(told).containsExactly("ConnectFailedException 0", "ConnectFailedException 2", "NackedException 4");
    }

    @Test
    void anErrorOfOnRetryIsLoggedAndTheRetryContinues() {
        RetryPolicy policy = DOCS.maxRetries(3).onRetry((failure, delay) -> {
            throw new AssertionError("of the user");
        });
        links.down(2);

        try (LogLines log = new LogLines()) {
            assertThat(ensuring(policy).connected()).isCompleted();
            assertThat(ensuring(policy).run(() -> "done")).isEqualTo("done");
            assertThat(log.lines(Level.WARNING)).contains("onRetry", "java.lang.AssertionError: of the user");
        }
        assertThat(links.connects).isEqualTo(4);
    }

    @Test
    void whatIsNotRecoverableComesAsItIs() {
        UnroutableException unroutable = new UnroutableException(312, "NO_ROUTE", "x", "y");

        assertThatThrownBy(() -> ensuring(DOCS).run(failing(unroutable))).isSameAs(unroutable);
        assertThatThrownBy(() -> ensuring(DOCS).run(failing(new IllegalStateException("theirs"))))
                .hasMessage("theirs");
        assertThat(calls).isEqualTo(2);
    }

    @Test
    void retriesWhatThePolicyNames() {
        RetryPolicy policy = DOCS.maxRetries(2).retryOn(UnroutableException.class::isInstance);

        assertThatThrownBy(() -> ensuring(policy).run(failing(new UnroutableException(312, "NO_ROUTE", "x", "y"))))
                .isInstanceOf(RetriesExhaustedException.class);
        assertThat(calls).isEqualTo(3);
    }

    @Test
    void nestedEnsuresDoNotMultiply() {
        RetryPolicy three = DOCS.maxRetries(2).retryOn(failure -> true);

        RetriesExhaustedException thrown = catchThrowableOfType(
                RetriesExhaustedException.class,
                () -> ensuring(three).run(() -> ensuring(three).run(failing(nack()))));

        assertThat(calls).isEqualTo(3);
        assertThat(thrown.attempts()).isEqualTo(3);
    }

    @Test
    void givesUpWhenTheNextSleepWouldPassTheTimeout() {
        RetryLoop ensuring = new RetryLoop(DOCS.forever(), Duration.ofSeconds(12), links);

        assertThatThrownBy(() -> ensuring.run(failing(nack()))).isInstanceOf(RetriesExhaustedException.class);
        assertThat(links.sleeps).extracting(Duration::toSeconds).containsExactly(0L, 2L, 4L);
        assertThat(calls).isEqualTo(4);
    }

    @Test
    void theTimeoutEndsAConnectThatHangs() {
        links.hangs = true;

        assertThatThrownBy(() -> new RetryLoop(DOCS, Duration.ofSeconds(3), links).run(failing(nack())))
                .isInstanceOf(RetriesExhaustedException.class)
                .hasRootCauseMessage("no connection after 3000 ms");
        assertThat(links.slept()).isEqualTo(Duration.ofSeconds(3));
        assertThatIllegalArgumentException().isThrownBy(() -> new RetryLoop(DOCS, Duration.ZERO, links));
    }

    @Test
    void anInterruptEndsIt() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> ensuring(DOCS.forever()).run(failing(nack())))
                    .isInstanceOf(AmqpException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(calls).isLessThanOrEqualTo(1);
    }

    @Test
    void connectsUnderThePolicy() throws Exception {
        links.down(3);

        assertThat(ensuring(DOCS).connected()).isCompleted();
        assertThat(links.sleeps).extracting(Duration::toSeconds).containsExactly(0L, 2L, 4L);
        assertThat(links.connects).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void connectsAtMostOnceMoreThanItRetries(int retries) {
        links.down(Integer.MAX_VALUE);

        assertThatThrownBy(() -> ensuring(DOCS.maxRetries(retries)).connected().get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(retries == 0 ? ConnectFailedException.class : RetriesExhaustedException.class);
        assertThat(links.connects).isEqualTo(retries + 1);
    }

    private RetryLoop ensuring(RetryPolicy policy) {
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

    /** Rounds that fail as told, and a clock that sleeps move. */
    private static final class FakeLinks implements RetryLoop.Links {
        final List<Duration> sleeps = Collections.synchronizedList(new ArrayList<>());
        int connects;
        int down;
        boolean hangs;
        long now = Long.MAX_VALUE; // nanoTime may wrap

        void down(int rounds) {
            down = rounds;
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
            return connects <= down
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
