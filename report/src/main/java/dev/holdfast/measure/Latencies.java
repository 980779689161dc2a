package dev.holdfast.measure;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * What a histogram of nanoseconds says, in microseconds. NaN where it is empty.
 *
 * @param samples how many latencies it holds
 */
public record Latencies(long samples, double p50, double p99, double p999, double max) {
    private static final double NANOS = 1000;
    private static final int TICKS_PER_HALF_DISTANCE = 8;

    /** Reads a histogram. */
    public static Latencies of(Histogram nanos) {
        return new Latencies(
                nanos.getTotalCount(),
                micros(nanos, 50),
                micros(nanos, 99),
                micros(nanos, 99.9),
                nanos.getTotalCount() == 0 ? Double.NaN : nanos.getMaxValue() / NANOS);
    }

    private static double micros(Histogram nanos, double percentile) {
        return nanos.getTotalCount() == 0 ? Double.NaN : nanos.getValueAtPercentile(percentile) / NANOS;
    }

    /**
     * A place of the percentile curve.
     *
     * @param nines {@code 1 / (1 - p)}: 2 for the median, 100 for the 99th percentile
     */
    public record Place(double nines, double micros) {}

    /** The percentile curve, as far as the samples tell: up to the last that is not the maximum alone. */
    public static List<Place> curve(Histogram nanos) {
        List<Place> places = new ArrayList<>();
        for (HistogramIterationValue value : nanos.percentiles(TICKS_PER_HALF_DISTANCE)) {
            double rest = 1 - value.getPercentileLevelIteratedTo() / 100;
            if (rest > 0 && rest < 1 && rest * nanos.getTotalCount() >= 1) {
                places.add(new Place(1 / rest, value.getValueIteratedTo() / NANOS));
            }
        }
        return List.copyOf(places);
    }
}
