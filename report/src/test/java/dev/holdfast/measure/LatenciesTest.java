package dev.holdfast.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private static final Percentage DIGITS = Percentage.withPercentage(0.1);

    /** Returns a histogram with one latency of each whole microsecond from 1 to 10,000. */
    private static Histogram uniform() {
        Histogram nanos = new Histogram(3);
        for (int micros = 1; micros <= 10_000; micros++) {
            nanos.recordValue(micros * 1000L);
        }
        return nanos;
    }

    @Test
    void computesPercentilesOfAUniformDistribution() {
        Latencies latencies = Latencies.of(uniform());
        assertThat(latencies.samples()).isEqualTo(10_000);
        assertThat(latencies.p50()).isCloseTo(5000, DIGITS);
        assertThat(latencies.p99()).isCloseTo(9900, DIGITS);
        assertThat(latencies.p999()).isCloseTo(9990, DIGITS);
        assertThat(latencies.max()).isCloseTo(10_000, DIGITS);
    }

    @Test
    void maxIsTheSingleOutlier() {
        Histogram nanos = new Histogram(3);
        nanos.recordValueWithCount(1_000_000, 999);
        nanos.recordValue(5_000_000_000L);
        Latencies latencies = Latencies.of(nanos);
        assertThat(latencies.p999()).isCloseTo(1000, DIGITS);
        assertThat(latencies.max()).isCloseTo(5_000_000, DIGITS);
    }

    @Test
    void emptyHistogramHasNoPercentiles() {
        Histogram empty = new Histogram(3);
        Latencies latencies = Latencies.of(empty);
        assertThat(latencies.samples()).isZero();
        assertThat(List.of(latencies.p50(), latencies.p99(), latencies.p999(), latencies.max()))
                .containsOnly(Double.NaN);
        assertThat(Latencies.curve(empty)).isEmpty();
    }

    @Test
    void curveEndsWhereTheTailIsEmpty() {
        List<Latencies.CurvePoint> curve = Latencies.curve(uniform());
        assertThat(curve).isSortedAccordingTo((one, other) -> Double.compare(one.micros(), other.micros()));
        assertThat(curve)
                .allSatisfy(point ->
                        assertThat(point.micros()).isCloseTo(10_000 * (1 - 1 / point.nines()), within(15.0)));
        assertThat(curve.get(curve.size() - 1).nines()).isBetween(1000.0, 10_000.5);
        assertThat(curve).anySatisfy(point -> assertThat(point.nines()).isCloseTo(2, within(1e-9)));
    }
}
