package dev.holdfast.cli.common;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The option {@code --failures}: the file that names the messages that failed. */
@Command
public final class FailuresOption {
    @Option(
            names = "--failures",
            paramLabel = "FILE",
            description = "name each message that fails in this file, one a line; default: ten on standard error, and"
                    + " all in a temporary file if there are more")
    private @Nullable Path file;

    /**
     * Creates the file and its log.
     *
     * @throws ParameterException if the file cannot be created
     */
    public FailureLog open(Streams streams, CommandLine command) throws IOException {
        try {
            return new FailureLog(streams, file);
        } catch (IOException e) {
            if (file == null) {
                throw e;
            }
            throw new ParameterException(command, "--failures: " + file + " (expected: a file that can be written)", e);
        }
    }
}
