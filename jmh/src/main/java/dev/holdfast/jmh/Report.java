package dev.holdfast.jmh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.report.HtmlPage;
import dev.holdfast.report.Report.Bar;
import dev.holdfast.report.Report.Bars;
import dev.holdfast.report.Report.Section;
import dev.holdfast.report.Report.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Writes an HTML page of the results that JMH writes with {@code -rf json}: bars for every benchmark, and for the
 * bytes that its profiler counted.
 *
 * <pre>
 * java -jar jmh/target/benchmarks.jar EncodePublish -prof gc -rf json -rff results.json
 * java -cp jmh/target/benchmarks.jar dev.holdfast.jmh.Report results.json page.html
 * </pre>
 */
public final class Report {
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private final Map<String, Set<String>> methods = new LinkedHashMap<>();
    private final Map<String, List<Bar>> bars = new LinkedHashMap<>();
    private final Map<String, String> notes = new LinkedHashMap<>();
    private final List<List<String>> rows = new ArrayList<>();
    private final Map<String, String> facts = new LinkedHashMap<>();

    private Report() {}

    /** Reads the first file and writes the second. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException(
                    "arguments: " + arguments.length + " (expected: results.json page.html)");
        }
        JsonNode results = new ObjectMapper().readTree(Path.of(arguments[0]).toFile());
        HtmlPage.write(of(results), Path.of(arguments[1]));
    }

    /** What a file of results says. */
    static dev.holdfast.report.Report of(JsonNode results) {
        Report report = new Report();
        for (JsonNode result : results) {
            String[] parts = parts(result);
            report.methods
                    .computeIfAbsent(type(parts), key -> new LinkedHashSet<>())
                    .add(parts[parts.length - 1]);
        }
        for (JsonNode result : results) {
            report.add(result);
        }
        List<Section> sections = new ArrayList<>();
        report.bars.forEach((title, all) -> sections.add(new Bars(title, report.notes.getOrDefault(title, ""), all)));
        sections.add(
                new Table("All numbers", List.of("Benchmark", "score", "\u00b1 99.9 %", "unit", "B/op"), report.rows));
        return new dev.holdfast.report.Report(
                "Benchmarks",
                "Measured with JMH. Whiskers are its 99.9 % confidence intervals; one without an end is cut off.",
                sections,
                report.facts);
    }

    private static boolean isPeer(String method) {
        return method.toLowerCase(Locale.ROOT).contains("amqpclient") || method.equals("jackson");
    }

    /** Compares the methods of a class for each set of parameters; in a class with one method, the parameters. */
    private void add(JsonNode result) {
        String[] parts = parts(result);
        String type = type(parts);
        String method = parts[parts.length - 1];
        String params = params(result.path("params"));
        boolean several = methods.getOrDefault(type, Set.of()).size() > 1;
        String title = several && !params.isEmpty() ? type + ", " + params : type;
        String label = several || params.isEmpty() ? method : params;
        JsonNode primary = result.path("primaryMetric");
        String unit = primary.path("scoreUnit").asText();
        boolean throughput = result.path("mode").asText().equals("thrpt");
        boolean ours = !isPeer(method) && !params.contains("AMQP_CLIENT");
        bar(title + ": " + unit, throughput ? "More is better." : "Less is better.", label, primary, ours);
        JsonNode allocated = allocation(result.path("secondaryMetrics"));
        if (!allocated.isMissingNode()) {
            bar(title + ": heap a call", "Bytes. Less is better.", label, allocated, ours);
        }
        rows.add(List.of(
                (type + "." + method + " " + params).strip(),
                number(primary.path("score").asDouble()),
                number(primary.path("scoreError").asDouble(Double.NaN)),
                unit,
                allocated.isMissingNode() ? "" : number(allocated.path("score").asDouble())));
        facts(result);
    }

    /** Older versions of JMH prefix the names of profiler metrics with a dot. */
    private static JsonNode allocation(JsonNode metrics) {
        JsonNode plain = metrics.path(ALLOCATION);
        return plain.isMissingNode() ? metrics.path("\u00b7" + ALLOCATION) : plain;
    }

    private void bar(String title, String note, String label, JsonNode metric, boolean ours) {
        double score = metric.path("score").asDouble();
        double low = metric.path("scoreConfidence").path(0).asDouble(score);
        double high = metric.path("scoreConfidence").path(1).asDouble(score);
        notes.put(title, note);
        bars.computeIfAbsent(title, key -> new ArrayList<>())
                .add(new Bar(label, score, number(score), low, high, ours));
    }

    private static String params(JsonNode params) {
        StringJoiner joined = new StringJoiner(", ");
        params.properties()
                .forEach(param ->
                        joined.add(param.getKey() + " " + param.getValue().asText()));
        return joined.toString();
    }

    private static String[] parts(JsonNode result) {
        return result.path("benchmark").asText().split("\\.", -1);
    }

    private static String type(String[] parts) {
        return parts[Math.max(0, parts.length - 2)].replaceAll("Benchmark$", "");
    }

    private void facts(JsonNode result) {
        facts.put(
                "JDK",
                result.path("vmName").asText() + " " + result.path("vmVersion").asText());
        StringJoiner options = new StringJoiner(" ");
        result.path("jvmArgs").forEach(option -> options.add(option.asText()));
        facts.put("JVM options", options.length() == 0 ? "none" : options.toString());
        facts.put("JMH", result.path("jmhVersion").asText());
        facts.put(
                "Runs",
                String.format(
                        Locale.ROOT,
                        "%d forks, %d warm-ups of %s, %d measurements of %s, %d threads",
                        result.path("forks").asInt(),
                        result.path("warmupIterations").asInt(),
                        result.path("warmupTime").asText(),
                        result.path("measurementIterations").asInt(),
                        result.path("measurementTime").asText(),
                        result.path("threads").asInt()));
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 1000 ? "%,.0f" : size >= 10 ? "%.1f" : "%.3f", value);
    }
}
