package dev.holdfast.cli.perf;

import dev.holdfast.measure.Latencies;
import dev.holdfast.report.Chart;
import dev.holdfast.report.HtmlPage;
import dev.holdfast.report.Machine;
import dev.holdfast.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Writes a result as an HTML page with charts. */
final class ReportPage {
    private final PerfResult result;
    private final Latencies overall;

    ReportPage(PerfResult result) {
        this.result = result;
        this.overall = Latencies.of(result.latencies());
    }

    /**
     * Writes the page.
     *
     * @param peer description of the peer that was measured against
     * @param command the command line, without credentials
     */
    void write(Path file, LoadPlan plan, boolean consume, String peer, String command) throws IOException {
        List<Report.Section> sections = new ArrayList<>();
        sections.add(figures());
        sections.add(throughput());
        if (overall.samples() > 0) {
            sections.add(latencies());
        }
        List<Latencies.CurvePoint> places = Latencies.curve(result.latencies());
        if (places.size() > 1) {
            sections.add(curve(places));
        }
        sections.add(table());
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Command", command);
        facts.put("Against", peer);
        facts.putAll(Machine.facts());
        String title =
                consume ? "Consuming from a filled queue" : "Publishing" + (plan.confirms() ? ", confirmed" : "");
        HtmlPage.write(new Report(title, subtitle(plan, consume, peer), sections, facts), file);
    }

    private String subtitle(LoadPlan plan, boolean consume, String peer) {
        String work = consume
                ? format("%,d messages of %,d bytes, prefetch %,d", result.messages(), plan.size(), plan.window())
                : format(
                        "%,d messages of %,d bytes, %s, window %,d",
                        result.messages(),
                        plan.size(),
                        plan.rate() > 0 ? format("%,.0f a second", plan.rate()) : "unlimited rate",
                        plan.window());
        return work
                + format(
                        ", %s over %s, against %s, %s.",
                        quantity(plan.threads(), consume ? "consumer" : "thread"),
                        quantity(plan.connections(), "connection"),
                        peer,
                        plan.warmup() == 0 ? "without warm-up" : format("after a warm-up of %,d", plan.warmup()));
    }

    private static String quantity(int count, String unit) {
        return count + " " + unit + (count == 1 ? "" : "s");
    }

    private Report.Figures figures() {
        List<Report.Figure> figures = new ArrayList<>();
        figures.add(new Report.Figure("Throughput", format("%,.0f", result.messagesPerSecond()), "msg/s"));
        figures.add(new Report.Figure("CPU a message", format("%.3f", result.cpuMicrosPerMessage()), "\u00b5s"));
        figures.add(new Report.Figure("Heap a message", format("%.1f", result.heapBytesPerMessage()), "bytes"));
        if (overall.samples() > 0) {
            figures.add(latencyFigure("Latency, median", overall.p50()));
            figures.add(latencyFigure("Latency, p99", overall.p99()));
            figures.add(latencyFigure("Latency, p99.9", overall.p999()));
        }
        return new Report.Figures(figures);
    }

    private static Report.Figure latencyFigure(String name, double micros) {
        String[] parts = PerfResult.formatMicros(micros).split(" ", 2);
        return new Report.Figure(name, parts[0], parts.length > 1 ? parts[1] : "");
    }

    private Chart throughput() {
        return new Chart(
                "Throughput over time",
                "Messages a second, by interval.",
                Chart.Axis.SECONDS,
                Chart.Axis.PER_SECOND,
                series(Timeline.Interval::end),
                List.of(new Chart.Line("messages/s", series(Timeline.Interval::perSecond))));
    }

    private Chart latencies() {
        return new Chart(
                "Latency over time",
                "From when a message was due until its outcome. Logarithmic scale.",
                Chart.Axis.SECONDS,
                Chart.Axis.MICROS,
                series(Timeline.Interval::end),
                List.of(
                        new Chart.Line(
                                "p50", series(interval -> interval.latencies().p50())),
                        new Chart.Line(
                                "p99", series(interval -> interval.latencies().p99())),
                        new Chart.Line(
                                "p99.9", series(interval -> interval.latencies().p999()))));
    }

    private Chart curve(List<Latencies.CurvePoint> places) {
        String timed = result.sampleInterval() == 1
                ? "Every message was timed."
                : format("%,d messages were timed, one of %,d.", overall.samples(), result.sampleInterval());
        return new Chart(
                "Latency by percentile",
                "Logarithmic scale: beyond each mark only a tenth of the messages remains. " + timed,
                Chart.Axis.NINES,
                Chart.Axis.MICROS,
                places.stream().map(Latencies.CurvePoint::nines).toList(),
                List.of(new Chart.Line(
                        "latency",
                        places.stream().map(Latencies.CurvePoint::micros).toList())));
    }

    private List<Double> series(ToDoubleFunction<Timeline.Interval> value) {
        return result.intervals().stream().map(value::applyAsDouble).toList();
    }

    private Report.Table table() {
        List<List<String>> rows = new ArrayList<>(List.of(
                row("Messages", "%,d", result.messages()),
                row("Confirmed", "%,d", result.confirmed()),
                row("Seconds", "%.3f", result.seconds()),
                row("Messages a second", "%,.1f", result.messagesPerSecond()),
                row("CPU a message, whole process", "%.3f \u00b5s", result.cpuMicrosPerMessage()),
                row(
                        "CPU a message, Java threads alone",
                        "%.3f \u00b5s",
                        result.cost().threadNanos() / 1e3 / Math.max(1, result.messages())),
                row("Heap allocated a message", "%.1f bytes", result.heapBytesPerMessage())));
        if (overall.samples() > 0) {
            rows.add(row("Latency, median", "%s", PerfResult.formatMicros(overall.p50())));
            rows.add(row("Latency, 99th percentile", "%s", PerfResult.formatMicros(overall.p99())));
            rows.add(row("Latency, 99.9th percentile", "%s", PerfResult.formatMicros(overall.p999())));
            rows.add(row("Latency, highest", "%s", PerfResult.formatMicros(overall.max())));
        }
        return new Report.Table("All figures", List.of("After the warm-up", "Value"), rows);
    }

    private static List<String> row(String name, String format, Object value) {
        return List.of(name, format(format, value));
    }

    private static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
