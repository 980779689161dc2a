package dev.holdfast.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a page says.
 *
 * @param title what was measured
 * @param subtitle how, in a sentence
 * @param sections what was found, from the top of the page
 * @param facts where and with what, by name, in the order shown
 */
public record Report(String title, String subtitle, List<Section> sections, Map<String, String> facts) {
    /** Copies what it is given. */
    public Report {
        sections = List.copyOf(sections);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /** A part of the page. */
    public sealed interface Section permits Figures, Chart, Bars, Table {}

    /** Numbers in large type. */
    public record Figures(List<Figure> figures) implements Section {
        /** Copies what it is given. */
        public Figures {
            figures = List.copyOf(figures);
        }
    }

    /** One number, its name, and what it is counted in. */
    public record Figure(String name, String value, String unit) {}

    /**
     * Horizontal bars to compare.
     *
     * @param note what to know when reading them, such as which end is the good one
     */
    public record Bars(String title, String note, List<Bar> bars) implements Section {
        /** Copies what it is given. */
        public Bars {
            bars = List.copyOf(bars);
        }
    }

    /**
     * One bar.
     *
     * @param text the value as it is shown
     * @param low the lowest value seen; {@code value} if there is only one
     * @param high the highest
     * @param ours whether it is drawn in the colour of what the page is about
     */
    public record Bar(String label, double value, String text, double low, double high, boolean ours) {}

    /** Rows of text under a line of column names; the first column names its row. */
    public record Table(String title, List<String> columns, List<List<String>> rows) implements Section {
        /** Copies what it is given. */
        public Table {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
        }
    }
}
