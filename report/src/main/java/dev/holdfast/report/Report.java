package dev.holdfast.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of a measurement, the content of an {@link HtmlPage}.
 *
 * @param title subject of the measurement
 * @param subtitle method of the measurement, in a sentence
 * @param sections results, from the top of the page
 * @param facts environment of the measurement, values by name, in display order
 */
public record Report(String title, String subtitle, List<Section> sections, Map<String, String> facts) {
    /** Copies the collections. */
    public Report {
        sections = List.copyOf(sections);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /** A section of the page. */
    public sealed interface Section permits Figures, Chart, Bars, Table {}

    /** The headline numbers of a report, in large type. */
    public record Figures(List<Figure> figures) implements Section {
        /** Copies the list. */
        public Figures {
            figures = List.copyOf(figures);
        }
    }

    /** One number with its name and unit. */
    public record Figure(String name, String value, String unit) {}

    /**
     * A horizontal bar chart that compares values.
     *
     * @param note how to read the bars, such as which direction is better
     */
    public record Bars(String title, String note, List<Bar> bars) implements Section {
        /** Copies the list. */
        public Bars {
            bars = List.copyOf(bars);
        }
    }

    /**
     * One bar of a bar chart.
     *
     * @param text the value as text
     * @param low lowest measured value; {@code value} if there is only one
     * @param high highest measured value
     * @param highlighted whether to draw the bar in the accent colour, for the subject of the page
     */
    public record Bar(String label, double value, String text, double low, double high, boolean highlighted) {}

    /** A table of text with column headers. The first column is the header of its row. */
    public record Table(String title, List<String> columns, List<List<String>> rows) implements Section {
        /** Copies the list. */
        public Table {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
        }
    }
}
