package dev.holdfast.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.extension.ExtensionContext.Namespace.GLOBAL;

import dev.holdfast.testkit.Brokers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Prints at the end of the run how many tests ran against each broker, and which did not run for which reason.
 * JUnit closes it after the last test. Failsafe is not sure to print output of anything that ends later. The system
 * property {@code holdfast.report} names a file for {@link BrokersPage}.
 */
public final class RunReport implements AutoCloseable {
    private static final RunReport REPORT = new RunReport();

    private final Map<String, Count> counts = new TreeMap<>();
    private final List<Result> results = new ArrayList<>();

    /**
     * A test at one broker.
     *
     * @param outcome {@code ran}, {@code failed}, or why it did not run
     */
    record Result(String test, String against, String outcome) {
        static final String RAN = "ran";
        static final String FAILED = "failed";

        String line() {
            return String.join("\t", test, against, outcome);
        }

        static Result parse(String line) {
            String[] fields = line.split("\t", 3);
            return new Result(fields[0], fields[1], fields[2]);
        }
    }

    private static final class Count {
        int ran;
        int failed;
        final Map<String, List<String>> notRun = new LinkedHashMap<>();
    }

    private RunReport() {}

    /** The report of this run, printed at its end. */
    static RunReport of(ExtensionContext context) {
        return context.getRoot().getStore(GLOBAL).computeIfAbsent(RunReport.class, type -> REPORT, RunReport.class);
    }

    /**
     * Skips and reports the test if a program that it needs is not installed.
     *
     * @throws IllegalStateException if it is missing and the environment says {@code CI=true}
     */
    public static void require(String program, boolean available, String test) {
        if (!Brokers.require(available, program + " is not installed")) {
            REPORT.notRun(program, "it is not installed", test);
        }
        assumeTrue(available, program + " is not installed");
    }

    /** Records a test that ran. */
    synchronized void ran(String against, boolean failed, String test) {
        results.add(new Result(test, against, failed ? Result.FAILED : Result.RAN));
        Count count = count(against);
        count.ran++;
        count.failed += failed ? 1 : 0;
    }

    /** Records a test that did not run. */
    synchronized void notRun(String against, String reason, String test) {
        results.add(new Result(test, against, reason));
        count(against)
                .notRun
                .computeIfAbsent(reason, absent -> new ArrayList<>())
                .add(test);
    }

    private Count count(String against) {
        return counts.computeIfAbsent(against, absent -> new Count());
    }

    @Override
    public synchronized void close() {
        StringBuilder text = new StringBuilder("\n---- what the integration tests ran against ----\n");
        counts.forEach((against, count) -> {
            text.append("%-40s %4d ran, %d failed%n".formatted(against, count.ran, count.failed));
            count.notRun.forEach((reason, tests) -> {
                text.append("    NOT RUN, because ").append(reason).append(":\n");
                tests.forEach(test -> text.append("        ").append(test).append('\n'));
            });
        });
        System.out.print(text);
        System.out.flush();
        String file = System.getProperty("holdfast.report");
        if (file != null) {
            try {
                Files.write(Path.of(file), results.stream().map(Result::line).toList());
            } catch (IOException e) {
                throw new UncheckedIOException("report cannot be written: " + file, e);
            }
        }
    }
}
