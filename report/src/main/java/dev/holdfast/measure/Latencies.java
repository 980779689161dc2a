package dev.holdfast.measure;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * Percentiles of a histogram of latencies, in microseconds. NaN if the histogram is empty.
 *
 * @param samples number of latencies in the histogram
 */
public record Latencies(long samples, double p50, double p99, double p999, double max) {
    private static final double NANOS_PER_MICRO = 1000;
    private static final int TICKS_PER_HALF_DISTANCE = 8;

    /** Returns the percentiles of a histogram of nanoseconds. */
    public static Latencies of(Histogram nanos) {
        return new Latencies(
                nanos.getTotalCount(),
                micros(nanos, 50),
                micros(nanos, 99),
                micros(nanos, 99.9),
                nanos.getTotalCount() == 0 ? Double.NaN : nanos.getMaxValue() / NANOS_PER_MICRO);
    }

    private static double micros(Histogram nanos, double percentile) {
        return nanos.getTotalCount() == 0 ? Double.NaN : nanos.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
    }

    /**
     * A point of the percentile curve.
     *
     * @param nines {@code 1 / (1 - p)}: 2 for the median, 100 for the 99th percentile
     */
    public record CurvePoint(double nines, double micros) {}

    /**
     * Returns the percentile curve. Ends at the last percentile with at least one sample in its tail, because all
     * further values are the maximum.
     */
    public static List<CurvePoint> curve(Histogram nanos) {
        List<CurvePoint> points = new ArrayList<>();
        for (HistogramIterationValue value : nanos.percentiles(TICKS_PER_HALF_DISTANCE)) {
            double tail = 1 - value.getPercentileLevelIteratedTo() / 100;
            if (tail > 0 && tail < 1 && tail * nanos.getTotalCount() >= 1) {
                points.add(new CurvePoint(1 / tail, value.getValueIteratedTo() / NANOS_PER_MICRO));
            }
        }
        return List.copyOf(points);
    }
}
