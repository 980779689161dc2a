package dev.holdfast.report;

import java.util.List;
import java.util.Locale;

/** Encodes the charts of a page as JSON for the script of the page. */
final class ChartJson {
    private static final int SIGNIFICANT_DIGITS = 6;

    private final StringBuilder json = new StringBuilder();

    private ChartJson() {}

    static String of(List<Chart> charts) {
        ChartJson writer = new ChartJson();
        writer.json.append('[');
        for (int i = 0; i < charts.size(); i++) {
            writer.json.append(i == 0 ? "" : ",\n");
            writer.chart(charts.get(i));
        }
        return writer.json.append(']').toString();
    }

    private void chart(Chart chart) {
        json.append("{\"title\":");
        string(chart.title());
        json.append(",\"xAxis\":\"").append(chart.xAxis());
        json.append("\",\"yAxis\":\"").append(chart.yAxis()).append("\",\"x\":");
        numbers(chart.x());
        json.append(",\"lines\":[");
        for (int i = 0; i < chart.lines().size(); i++) {
            Chart.Line line = chart.lines().get(i);
            json.append(i == 0 ? "{\"name\":" : ",{\"name\":");
            string(line.name());
            json.append(",\"y\":");
            numbers(line.y());
            json.append('}');
        }
        json.append("]}");
    }

    private void numbers(List<Double> values) {
        json.append('[');
        for (int i = 0; i < values.size(); i++) {
            double value = values.get(i);
            json.append(i == 0 ? "" : ",").append(Double.isFinite(value) ? number(value) : "null");
        }
        json.append(']');
    }

    /** Formats with six significant digits: more than a pixel resolves, fewer than a double has. */
    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%." + SIGNIFICANT_DIGITS + "g", value);
        boolean hasFraction = text.indexOf('.') >= 0 && text.indexOf('e') < 0;
        return hasFraction ? text.replaceAll("\\.?0+$", "") : text;
    }

    /** Appends a JSON string. Escapes {@code <}, so that the text cannot end the enclosing script element. */
    private void string(String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < ' ' || c == '<' || c == '\u2028' || c == '\u2029') {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
