package dev.holdfast.cli.consume;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options of {@code consume} that run a command for each message. */
@Command
final class ExecOptions {
    private static final int MAX_PARALLEL = 1000;

    @Option(
            names = "--exec",
            paramLabel = "CMD",
            description = "run this command of sh for each message, with the body on its standard input, instead of"
                    + " printing it")
    private @Nullable String command;

    @Option(names = "--requeue", description = "requeue a message whose command fails; default: reject it")
    private boolean requeue;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "1",
            description = "run up to N commands at a time; default: ${DEFAULT-VALUE}")
    private int parallel = 1;

    boolean isSpecified() {
        return command != null;
    }

    /** Returns the command; empty if none is given. */
    String command() {
        return command == null ? "" : command;
    }

    boolean requeue() {
        return requeue;
    }

    int parallel() {
        return parallel;
    }

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a value is out of range or options conflict
     */
    void validate(boolean peek) {
        if (command == null && (requeue || parallel != 1)) {
            throw new IllegalArgumentException("--requeue, --parallel: without --exec (expected: together with it)");
        }
        if (command != null && peek) {
            throw new IllegalArgumentException("--exec and --peek (expected: one of them)");
        }
        if (parallel < 1 || parallel > MAX_PARALLEL) {
            throw new IllegalArgumentException("--parallel: " + parallel + " (expected: 1.." + MAX_PARALLEL + ")");
        }
    }
}
