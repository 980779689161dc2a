package dev.holdfast.cli.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PublishPhaseTest {
    private static final Duration TIMEOUT = Duration.ofMillis(1);

    @Test
    void sharesAddUpToAllMessages() {
        PublishPhase phase = new PublishPhase(1_000_003, 0, 7, 1);
        assertThat(IntStream.range(0, 7).mapToLong(phase::share).sum()).isEqualTo(1_000_003);
        assertThat(phase.share(0) - phase.share(6)).isBetween(0L, 1L);
    }

    @Test
    void lateMessagesKeepTheirDueTimes() {
        PublishPhase phase = new PublishPhase(1000, 1_000_000, 2, 1);
        while (System.nanoTime() - phase.startNanos() < 1_000_000) {
            Thread.onSpinWait();
        }
        // All these messages are late. Their due times do not move with the delay of the first.
        assertThat(phase.awaitDue(0, 0) - phase.startNanos()).isZero();
        assertThat(phase.awaitDue(1, 0) - phase.startNanos()).isEqualTo(1000);
        assertThat(phase.awaitDue(0, 100) - phase.startNanos()).isEqualTo(200_000);
    }

    @Test
    void awaitDueWaitsUntilTheDueTime() {
        PublishPhase phase = new PublishPhase(1000, 200, 1, 1);
        long due = phase.awaitDue(0, 1);
        assertThat(System.nanoTime() - due).isNotNegative();
    }

    @Test
    void awaitDueReturnsAtOnceAfterStop() {
        PublishPhase phase = new PublishPhase(1000, 0.001, 1, 1);
        phase.stop();
        assertThat(phase.awaitDue(0, 999) - System.nanoTime()).isPositive();
    }

    @Test
    void samplesEvenlyWithoutAliasing() {
        PublishPhase phase = new PublishPhase(1 << 20, 0, 1, 64);
        long sampled = LongStream.range(0, 1 << 20).filter(phase::isSampled).count();
        assertThat(sampled).isBetween(16_000L, 16_800L);
        long aligned = LongStream.range(0, 1 << 14)
                .map(i -> i * 64)
                .filter(phase::isSampled)
                .count();
        assertThat(aligned).isBetween(200L, 320L);
        assertThat(LongStream.range(0, 100).allMatch(new PublishPhase(100, 0, 1, 1)::isSampled))
                .isTrue();
    }

    @Test
    void endsWithTheLastThreadAndKeepsTheFirstFailure() throws InterruptedException {
        PublishPhase phase = new PublishPhase(10, 0, 2, 1);
        phase.threadFinished(5);
        assertThat(phase.await(TIMEOUT)).isFalse();
        IllegalStateException first = new IllegalStateException("first");
        phase.fail(first);
        phase.fail(new IllegalStateException("second"));
        phase.threadFinished(4);
        assertThat(phase.await(TIMEOUT)).isTrue();
        assertThat(phase.confirmed()).isEqualTo(9);
        assertThat(phase.failure()).isSameAs(first);
        assertThat(phase.stopped()).isTrue();
        assertThat(phase.seconds()).isNotNegative();
    }
}
