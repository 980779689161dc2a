package dev.holdfast.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.extension.ExtensionContext.Namespace.GLOBAL;

import dev.holdfast.testkit.Brokers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Prints at the end of the run how many tests ran against each broker, and which did not run for which reason.
 * JUnit closes it after the last test. Failsafe is not sure to print output of anything that ends later.
 */
public final class RunReport implements AutoCloseable {
    private static final RunReport REPORT = new RunReport();

    private final Map<String, Count> counts = new TreeMap<>();

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
        if (!Brokers.require(program, available)) {
            REPORT.notRun(program, "it is not installed", test);
        }
        assumeTrue(available, program + " is not installed");
    }

    /** Records a test that ran. */
    public synchronized void ran(String against, boolean failed) {
        Count count = count(against);
        count.ran++;
        count.failed += failed ? 1 : 0;
    }

    /** Records a test that did not run. */
    public synchronized void notRun(String against, String reason, String test) {
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
    }
}
