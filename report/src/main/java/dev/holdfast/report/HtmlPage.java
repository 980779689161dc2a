package dev.holdfast.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a {@link Report} as a self-contained HTML page. The page embeds styles, script, data and the plotting library
 * (uPlot, with its licence). Its content security policy forbids the browser to load anything. Numbers are text and
 * readable without the script.
 */
public final class HtmlPage {
    /** Limit of a drawn range, as a multiple of the longest bar: a very wide range must not shrink the bars. */
    private static final double MAX_RANGE = 1.5;

    private final StringBuilder html = new StringBuilder(1 << 17);
    private final List<Chart> charts = new ArrayList<>();

    private HtmlPage() {}

    /**
     * Writes the page to a file. Replaces an existing file.
     *
     * @throws IOException if the file cannot be written
     */
    public static void write(Report report, Path file) throws IOException {
        Files.writeString(file, of(report));
    }

    /**
     * Returns the page as text.
     *
     * @throws IOException if a resource of the page is missing from the class path
     */
    public static String of(Report report) throws IOException {
        HtmlPage page = new HtmlPage();
        page.head(report);
        for (Report.Section section : report.sections()) {
            page.section(section);
        }
        page.facts(report.facts());
        page.foot();
        return page.html.toString();
    }

    private void head(Report report) throws IOException {
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta name=\"color-scheme\" content=\"light dark\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
                .append("style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>");
        text(report.title()).append(" \u00b7 Holdfast</title>\n<style>\n");
        if (report.sections().stream().anyMatch(Chart.class::isInstance)) {
            html.append(Resource.plotLibrary("dist/uPlot.min.css")).append('\n');
        }
        html.append(Resource.text("page.css")).append("</style>\n</head>\n<body>\n<main>\n<header>\n");
        html.append("<p class=\"brand\">Holdfast</p>\n<h1>");
        text(report.title()).append("</h1>\n<p class=\"lead\">");
        text(report.subtitle()).append("</p>\n</header>\n");
    }

    private void section(Report.Section section) {
        if (section instanceof Report.Figures figures) {
            figures(figures);
        } else if (section instanceof Report.Bars bars) {
            bars(bars);
        } else if (section instanceof Report.Table table) {
            table(table);
        } else if (section instanceof Chart chart) {
            chart(chart);
        }
    }

    private void figures(Report.Figures figures) {
        html.append("<dl class=\"figures\">\n");
        for (Report.Figure figure : figures.figures()) {
            html.append("<div><dt>");
            text(figure.name()).append("</dt><dd>");
            text(figure.value()).append(" <span class=\"unit\">");
            text(figure.unit()).append("</span></dd></div>\n");
        }
        html.append("</dl>\n");
    }

    private void chart(Chart chart) {
        html.append("<section class=\"card\">\n<h2>");
        text(chart.title()).append("</h2>\n<p class=\"note\">");
        text(chart.note()).append("</p>\n<div class=\"plot\" data-chart=\"").append(charts.size());
        html.append("\" role=\"img\" aria-label=\"");
        text(chart.title()).append("; the values are in the table below\"></div>\n");
        html.append("<details><summary>Values</summary><div class=\"scroll\"></div></details>\n</section>\n");
        charts.add(chart);
    }

    private void bars(Report.Bars bars) {
        double longest =
                bars.bars().stream().mapToDouble(Report.Bar::value).max().orElse(0);
        double high = bars.bars().stream()
                .mapToDouble(bar -> finite(bar.high(), bar.value()))
                .max()
                .orElse(0);
        double max = Math.max(longest, Math.min(high, MAX_RANGE * longest));
        html.append("<section class=\"card\">\n<h2>");
        text(bars.title()).append("</h2>\n<p class=\"note\">");
        text(bars.note()).append("</p>\n<table class=\"bars\">\n<tbody>\n");
        for (Report.Bar bar : bars.bars()) {
            bar(bar, max > 0 ? 100 / max : 0);
        }
        html.append("</tbody>\n</table>\n</section>\n");
    }

    private void bar(Report.Bar bar, double scale) {
        double low = Math.max(0, finite(bar.low(), bar.value()));
        double high = finite(bar.high(), bar.value());
        html.append("<tr><th scope=\"row\">");
        text(bar.label()).append("</th><td class=\"track\"><div class=\"bar-area\"><div class=\"bar");
        html.append(bar.highlighted() ? " highlighted" : "")
                .append("\" style=\"width:")
                .append(percent(bar.value() * scale));
        html.append("\"></div>");
        if (high > low) {
            html.append("<div class=\"range\" style=\"left:").append(percent(low * scale));
            html.append(";width:").append(percent((high - low) * scale)).append("\"></div>");
        }
        html.append("</div></td><td class=\"value\">");
        text(bar.text()).append("</td></tr>\n");
    }

    private static double finite(double value, double fallback) {
        return Double.isFinite(value) ? value : fallback;
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.2f%%", value);
    }

    private void table(Report.Table table) {
        html.append("<section class=\"card\">\n<h2>");
        text(table.title()).append("</h2>\n<div class=\"scroll\"><table class=\"numbers\">\n<thead><tr>");
        for (String column : table.columns()) {
            html.append("<th scope=\"col\">");
            text(column).append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : table.rows()) {
            html.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                html.append(i == 0 ? "<th scope=\"row\">" : "<td>");
                text(row.get(i)).append(i == 0 ? "</th>" : "</td>");
            }
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table></div>\n</section>\n");
    }

    private void facts(Map<String, String> facts) {
        html.append("<section class=\"card\">\n<h2>Environment</h2>\n<dl class=\"facts\">\n");
        facts.forEach((name, value) -> {
            html.append("<dt>");
            text(name).append("</dt><dd>");
            text(value).append("</dd>\n");
        });
        html.append("</dl>\n</section>\n");
    }

    private void foot() throws IOException {
        if (charts.isEmpty()) {
            html.append("</main>\n</body>\n</html>\n");
            return;
        }
        html.append("<footer>\n<details><summary>Plots by uPlot, MIT licence</summary>\n<pre>");
        text(Resource.plotLibrary("LICENSE").strip()).append("</pre></details>\n</footer>\n</main>\n");
        html.append("<script type=\"application/json\" id=\"charts\">\n").append(ChartJson.of(charts));
        html.append("\n</script>\n<script>\n").append(Resource.plotLibrary("dist/uPlot.iife.min.js"));
        html.append("\n</script>\n<script>\n").append(Resource.text("page.js"));
        html.append("</script>\n</body>\n</html>\n");
    }

    private StringBuilder text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                default -> html.append(c);
            }
        }
        return html;
    }
}
