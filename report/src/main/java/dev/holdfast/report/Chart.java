package dev.holdfast.report;

import java.util.List;

/**
 * Lines over a common axis.
 *
 * @param note what to know when reading it
 * @param x the values of the horizontal axis, rising
 */
public record Chart(String title, String note, Axis xAxis, Axis yAxis, List<Double> x, List<Line> lines)
        implements Report.Section {
    /** Copies what it is given, and checks that there is a value for every place. */
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

    /** What an axis measures, which decides how its numbers are written. */
    public enum Axis {
        /** Seconds since the start. */
        SECONDS,
        /** Something a second, from zero. */
        PER_SECOND,
        /** Microseconds, on a logarithmic scale. */
        MICROS,
        /** Percentiles as {@code 1 / (1 - p)}, on a logarithmic scale, so that every further nine has its place. */
        NINES
    }

    /**
     * One line.
     *
     * @param y a value for every place of the axis, NaN for none
     */
    public record Line(String name, List<Double> y) {
        /** Copies what it is given. */
        public Line {
            y = List.copyOf(y);
        }
    }
}
