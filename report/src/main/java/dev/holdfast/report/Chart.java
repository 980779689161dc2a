package dev.holdfast.report;

import java.util.List;

/**
 * A section of a report with a line chart: one or more lines over a common horizontal axis.
 *
 * @param note how to read the chart
 * @param x values of the horizontal axis, ascending
 */
public record Chart(String title, String note, Axis xAxis, Axis yAxis, List<Double> x, List<Line> lines)
        implements Report.Section {
    /** Copies the lists and checks that each line has one value per value of {@code x}. */
    public Chart {
        x = List.copyOf(x);
        lines = List.copyOf(lines);
        for (Line line : lines) {
            if (line.y().size() != x.size()) {
                throw new IllegalArgumentException(
                        line.name() + ": " + line.y().size() + " values (expected: " + x.size() + ")");
            }
        }
    }

    /** The quantity of an axis, which determines its scale and the format of its numbers. */
    public enum Axis {
        /** Seconds since the start. */
        SECONDS,
        /** A rate per second, on a scale from zero. */
        PER_SECOND,
        /** Microseconds, on a logarithmic scale. */
        MICROS,
        /** Percentiles as {@code 1 / (1 - p)}, on a logarithmic scale, so that each further nine has the same width. */
        NINES
    }

    /**
     * One line of a chart.
     *
     * @param y one value per value of {@code x}, NaN for a missing one
     */
    public record Line(String name, List<Double> y) {
        /** Copies the list. */
        public Line {
            y = List.copyOf(y);
        }
    }
}
