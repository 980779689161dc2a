package dev.holdfast.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private static final Percentage DIGITS = Percentage.withPercentage(0.1);

    /** One latency of every whole microsecond from 1 to 10,000. */
    private static Histogram evenly() {
        Histogram nanos = new Histogram(3);
        for (int micros = 1; micros <= 10_000; micros++) {
            nanos.recordValue(micros * 1000L);
        }
        return nanos;
    }

    @Test
    void findsThePercentilesOfAnEvenSpread() {
        Latencies found = Latencies.of(evenly());
        assertThat(found.samples()).isEqualTo(10_000);
        assertThat(found.p50()).isCloseTo(5000, DIGITS);
        assertThat(found.p99()).isCloseTo(9900, DIGITS);
        assertThat(found.p999()).isCloseTo(9990, DIGITS);
        assertThat(found.max()).isCloseTo(10_000, DIGITS);
    }

    @Test
    void seesTheOneThatIsSlow() {
        Histogram nanos = new Histogram(3);
        nanos.recordValueWithCount(1_000_000, 999);
        nanos.recordValue(5_000_000_000L);
        Latencies found = Latencies.of(nanos);
        assertThat(found.p999()).isCloseTo(1000, DIGITS);
        assertThat(found.max()).isCloseTo(5_000_000, DIGITS);
    }

    @Test
    void hasNoneWhereNothingWasMeasured() {
        Histogram empty = new Histogram(3);
        Latencies found = Latencies.of(empty);
        assertThat(found.samples()).isZero();
        assertThat(List.of(found.p50(), found.p99(), found.p999(), found.max())).containsOnly(Double.NaN);
        assertThat(Latencies.curve(empty)).isEmpty();
    }

    @Test
    void drawsTheCurveAsFarAsTheSamplesTell() {
        List<Latencies.Place> curve = Latencies.curve(evenly());
        assertThat(curve).isSortedAccordingTo((one, other) -> Double.compare(one.micros(), other.micros()));
        assertThat(curve)
                .allSatisfy(place ->
                        assertThat(place.micros()).isCloseTo(10_000 * (1 - 1 / place.nines()), within(15.0)));
        assertThat(curve.get(curve.size() - 1).nines()).isBetween(1000.0, 10_000.5);
        assertThat(curve).anySatisfy(place -> assertThat(place.nines()).isCloseTo(2, within(1e-9)));
    }
}
