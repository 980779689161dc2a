package dev.holdfast.testing;

import dev.holdfast.testing.RunReport.Result;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes the page docs/brokers.md from the reports of the integration tests. The build runs it at its end. */
public final class BrokersPage {
    private static final List<BrokerKind> COLUMNS =
            List.of(BrokerKind.BROKER_J, BrokerKind.RABBITMQ_3, BrokerKind.RABBITMQ_4);

    private BrokersPage() {}

    /**
     * Reads the reports in a folder, if there are any.
     *
     * @param arguments the folder with reports, and the page to write
     */
    public static void main(String[] arguments) throws IOException {
        List<Result> results = new ArrayList<>();
        if (Files.isDirectory(Path.of(arguments[0]))) {
            try (DirectoryStream<Path> reports = Files.newDirectoryStream(Path.of(arguments[0]), "brokers-*.tsv")) {
                for (Path report : reports) {
                    Files.readAllLines(report).forEach(line -> results.add(Result.parse(line)));
                }
            }
        }
        if (!results.isEmpty()) {
            Files.writeString(Path.of(arguments[1]), page(results, LocalDate.now(ZoneOffset.UTC)));
        }
    }

    static String page(List<Result> results, LocalDate date) {
        return """
                # Brokers

                Integration tests run against three brokers: Qpid Broker-J, embedded in the tests, and RabbitMQ of
                two major versions. This page is generated from the report of a run:
                `mvn verify -Dbrokers.page=docs/brokers.md`.

                ## Differences

                What the brokers do differently, as far as a test depends on it. `BrokerFeaturesIT` tries each feature
                at each broker.

                %s
                ## Run of %s

                Tests by class, and how many ran. Tests of a class that need no broker are not counted.

                %s
                ## Not run

                %s""".formatted(differences(), date, counts(results), notRun(results));
    }

    /** The table of features. */
    static String differences() {
        StringBuilder table = new StringBuilder(row(
                        "Feature", COLUMNS.stream().map(BrokerKind::toString).toList()))
                .append(row("---", COLUMNS.stream().map(kind -> "---").toList()));
        for (Feature feature : Feature.values()) {
            table.append(row(
                    feature.toString(),
                    COLUMNS.stream()
                            .map(kind -> kind.lacking.contains(feature) ? "–" : "yes")
                            .toList()));
        }
        return table.toString();
    }

    private static String counts(List<Result> results) {
        List<String> brokers = results.stream()
                .filter(BrokersPage::ran)
                .map(Result::against)
                .distinct()
                .sorted()
                .toList();
        Map<String, List<Result>> classes = results.stream()
                .collect(Collectors.groupingBy(BrokersPage::className, TreeMap::new, Collectors.toList()));
        StringBuilder table = new StringBuilder(row("Class", brokers))
                .append(row("---", brokers.stream().map(b -> "---:").toList()));
        classes.forEach((name, ofClass) -> table.append(row(
                "`" + name + "`",
                brokers.stream().map(broker -> count(ofClass, broker)).toList())));
        return table.append(row(
                        "all",
                        brokers.stream().map(broker -> count(results, broker)).toList()))
                .toString();
    }

    private static String count(List<Result> results, String broker) {
        List<Result> ran = results.stream()
                .filter(BrokersPage::ran)
                .filter(result -> result.against().equals(broker))
                .toList();
        long failed = ran.stream()
                .filter(result -> result.outcome().equals(Result.FAILED))
                .count();
        return failed == 0 ? "" + ran.size() : ran.size() + ", " + failed + " failed";
    }

    private static String notRun(List<Result> results) {
        Map<String, TreeSet<String>> tests = new TreeMap<>();
        results.stream()
                .filter(result -> !ran(result))
                .forEach(result -> tests.computeIfAbsent(
                                result.against() + ": " + result.outcome(), absent -> new TreeSet<>())
                        .add("`" + result.test() + "`"));
        return tests.isEmpty()
                ? "Every test ran at every broker.\n"
                : tests.entrySet().stream()
                        .map(entry -> "- " + entry.getKey() + ": " + String.join(", ", entry.getValue()) + ".\n")
                        .collect(Collectors.joining());
    }

    private static boolean ran(Result result) {
        return result.outcome().equals(Result.RAN) || result.outcome().equals(Result.FAILED);
    }

    private static String className(Result result) {
        return result.test().replaceFirst("\\..*", "");
    }

    private static String row(String first, List<String> others) {
        return "| " + first + " | " + String.join(" | ", others) + " |\n";
    }
}
