package dev.holdfast;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.testing.RunReport;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs Python scripts with Debian's Kombu, each in a process with a time limit. */
final class KombuProcess {
    private static final String PYTHON = "/usr/bin/python3";
    private static final long SECONDS = 120;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    private KombuProcess(Path folder) {
        this.folder = folder;
    }

    /**
     * Returns a process runner that writes output to this folder. Without Kombu the test is skipped and reported as
     * not run.
     */
    static KombuProcess require(Path folder, Class<?> test) throws IOException {
        KombuProcess process = new KombuProcess(folder);
        RunReport.require(
                "Kombu (Debian: python3-kombu)",
                new File(PYTHON).canExecute()
                        && process.run(List.of("-c", "import kombu")).join() == 0,
                test.getSimpleName());
        return process;
    }

    /** Runs a script of the test resources and returns its output, one JSON document a line. */
    List<JsonNode> run(String script, List<String> arguments) throws IOException {
        return start(script, arguments).join();
    }

    /** Starts a script; the future completes with its output, or fails after 120 s. */
    CompletableFuture<List<JsonNode>> start(String script, List<String> arguments) throws IOException {
        Path file = folder.resolve(script);
        try (InputStream in = requireNonNull(KombuProcess.class.getResourceAsStream("/" + script))) {
            Files.copy(in, file);
        }
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(arguments);
        return run(command).thenApply(exitCode -> {
            assertThat(exitCode).as("%s: %s", script, output()).isZero();
            return output().lines().map(KombuProcess::json).toList();
        });
    }

    private CompletableFuture<Integer> run(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(PYTHON));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(outputFile().toFile()));
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        Process process = builder.start();
        return process.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).handle((ended, timeout) -> {
            process.destroyForcibly();
            assertThat(timeout).as("%s: %s", command, output()).isNull();
            return process.exitValue();
        });
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path outputFile() {
        return folder.resolve("output.txt");
    }

    private String output() {
        try {
            return Files.readString(outputFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
