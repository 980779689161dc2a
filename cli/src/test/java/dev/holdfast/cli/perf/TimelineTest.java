package dev.holdfast.cli.perf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Confirmation;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final Offset<Double> ROUNDING = Offset.offset(1e-6);

    private final LatencySampler sampler = new LatencySampler();
    private final Timeline timeline = new Timeline(sampler);

    @Test
    void showsShortRunsInTenthsAndLongRunsInSeconds() {
        int seconds = 0;
        for (int tenth = 1; tenth <= 12; tenth++) {
            seconds += timeline.record(tenth / 10.0, tenth * 50L, false) ? 1 : 0;
        }
        assertThat(seconds).isEqualTo(1);
        assertThat(timeline.latest().end()).isEqualTo(1.0);
        assertThat(timeline.intervals())
                .hasSize(12)
                .allSatisfy(interval -> assertThat(interval.perSecond()).isCloseTo(500, ROUNDING));
        for (int tenth = 13; tenth <= 400; tenth++) {
            boolean unused = timeline.record(tenth / 10.0, tenth * 50L, false);
        }
        assertThat(timeline.intervals())
                .hasSize(40)
                .allSatisfy(interval -> assertThat(interval.perSecond()).isCloseTo(500, ROUNDING));
    }

    @Test
    void dropsAFinalIntervalThatIsTooShort() {
        boolean unused = timeline.record(0.1, 10, false);
        unused = timeline.record(0.101, 10, true);
        assertThat(timeline.intervals())
                .singleElement()
                .satisfies(only -> assertThat(only.end()).isEqualTo(0.1));
    }

    @Test
    void keepsTheOnlyIntervalHoweverShort() {
        boolean unused = timeline.record(0.001, 7, true);
        assertThat(timeline.intervals())
                .singleElement()
                .satisfies(only -> assertThat(only.perSecond()).isCloseTo(7000, ROUNDING));
        assertThat(timeline.latest().perSecond()).isCloseTo(7000, ROUNDING);
    }

    @Test
    void countsEachLatencyOnceAndNoFailures() {
        CompletableFuture<Confirmation> early = new CompletableFuture<>();
        CompletableFuture<Confirmation> late = new CompletableFuture<>();
        CompletableFuture<Confirmation> failed = new CompletableFuture<>();
        sampler.record(early, System.nanoTime());
        sampler.record(late, System.nanoTime());
        sampler.record(failed, System.nanoTime());
        early.complete(Confirmation.ONE);
        failed.completeExceptionally(new IllegalStateException("nacked"));
        boolean unused = timeline.record(0.1, 1, false);
        late.complete(Confirmation.ONE);
        unused = timeline.record(0.2, 2, true);
        assertThat(timeline.histogram().getTotalCount()).isEqualTo(2);
        assertThat(timeline.intervals())
                .allSatisfy(
                        interval -> assertThat(interval.latencies().samples()).isEqualTo(1));
    }

    @Test
    void samplingIntervalGrowsWithTheRate() {
        assertThat(LatencySampler.interval(100)).isEqualTo(1);
        assertThat(LatencySampler.interval(20_000)).isEqualTo(1);
        assertThat(LatencySampler.interval(3_000_000)).isEqualTo(256);
        assertThat(LatencySampler.interval(1e12)).isEqualTo(4096);
    }

    @Test
    void measuresTheBytesOfASample() {
        assertThat(LatencySampler.bytesPerSample()).isBetween(50.0, 400.0);
    }
}
