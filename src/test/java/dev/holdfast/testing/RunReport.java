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
 * Tells at the end of the run which broker saw how many tests, and what did not run for which reason. JUnit closes it with
 * the last test; nothing else that lives so long is sure to be printed by Failsafe.
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

    /** The report of this run, printed when all of it is over. */
    static RunReport of(ExtensionContext context) {
        return context.getRoot().getStore(GLOBAL).computeIfAbsent(RunReport.class, type -> REPORT, RunReport.class);
    }

    /**
     * For a program that tests need and a machine may lack: its absence is reported, and skips the test.
     *
     * @throws IllegalStateException if it is missing and the environment says {@code CI=true}
     */
    public static void require(String program, boolean available, String test) {
        if (!Brokers.require(program, available)) {
            REPORT.notRun(program, "it is not installed", test);
        }
        assumeTrue(available, program + " is not installed");
    }

    /** A test ran. */
    public synchronized void ran(String against, boolean failed) {
        Count count = count(against);
        count.ran++;
        count.failed += failed ? 1 : 0;
    }

    /** A test did not run. */
    public synchronized void notRun(String against, String reason, String test) {
        count(against)
                .notRun
                .computeIfAbsent(reason, unseen -> new ArrayList<>())
                .add(test);
    }

    private Count count(String against) {
        return counts.computeIfAbsent(against, unseen -> new Count());
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
