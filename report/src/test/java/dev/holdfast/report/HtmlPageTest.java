package dev.holdfast.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.report.Chart.Axis;
import dev.holdfast.report.Chart.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlPageTest {
    private static final Chart CHART = new Chart(
            "Latency",
            "Lower is better.",
            Axis.SECONDS,
            Axis.MICROS,
            List.of(0.1, 0.2, 12_345.678),
            List.of(new Line("p50</script><b>", List.of(1234567.0, Double.NaN, 0.000012))));

    private static String page(Report.Section... sections) throws IOException {
        return HtmlPage.of(new Report("A <title>", "A & B", List.of(sections), Map.of("JDK", "\"17\"")));
    }

    @Test
    void containsNumbersAsTextAndAsData() throws IOException {
        String page = page(
                new Report.Figures(List.of(new Report.Figure("Throughput", "1,234", "msg/s"))),
                new Report.Bars("Bars", "", List.of(new Report.Bar("one", 50, "50 B", 25, 75, true))),
                new Report.Table("Table", List.of("name", "value"), List.of(List.of("cell", "5,678"))),
                CHART);
        assertThat(page)
                .contains("1,234", "msg/s", "50 B", "5,678", "JDK", "&quot;17&quot;")
                .contains("\"x\":[0.1,0.2,12345.7]")
                .contains("\"y\":[1.23457e+06,null,1.20000e-05]");
    }

    @Test
    void escapesMarkupInTexts() throws IOException {
        assertThat(page(CHART))
                .contains("<h1>A &lt;title&gt;</h1>", "A &amp; B", "p50\\u003c/script>")
                .doesNotContain("p50</script>");
    }

    @Test
    void loadsNothingFromTheNetwork() throws IOException {
        String page = page(CHART);
        assertThat(page)
                .contains("uPlot=function", "Copyright (c) 2022 Leon Sorokin", "default-src 'none'")
                .doesNotContain(" src=", "<link", "@import", "url(", "fetch(", "XMLHttpRequest");
        // The licence comment of the plotting library contains the URL of its project.
        assertThat(page.replaceFirst("/\\*! https://github\\.com/leeoniya/uPlot \\(v[0-9.]+\\) \\*/", ""))
                .doesNotContain("://");
    }

    @Test
    void embedsThePlottingLibraryOnlyForCharts() throws IOException {
        assertThat(page(new Report.Table("t", List.of("a"), List.of()))).doesNotContain("uPlot", "<script");
    }

    @Test
    void scalesBarsAndLimitsAWideRange() throws IOException {
        String page = page(new Report.Bars(
                "b",
                "",
                List.of(
                        new Report.Bar("one", 100, "100", 80, 120, true),
                        new Report.Bar("two", 60, "60", -999, 6000, false))));
        assertThat(page)
                .contains("class=\"bar highlighted\" style=\"width:66.67%\"", "left:53.33%;width:26.67%")
                .contains("class=\"bar\" style=\"width:40.00%\"", "left:0.00%;width:4000.00%");
    }

    @Test
    void replacesAnExistingFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("page.html"), "old ".repeat(100_000));
        HtmlPage.write(new Report("New", "", List.of(), Machine.facts()), file);
        assertThat(Files.readString(file))
                .startsWith("<!DOCTYPE html>")
                .endsWith("</html>\n")
                .doesNotContain("old ")
                .contains(Runtime.version().toString(), " core", " UTC");
    }

    @Test
    void rejectsALineWithTooFewValues() {
        List<Line> lines = List.of(new Line("short", List.of(1.0)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Chart("t", "", Axis.SECONDS, Axis.MICROS, List.of(1.0, 2.0), lines))
                .withMessage("short: 1 values (expected: 2)");
    }
}
