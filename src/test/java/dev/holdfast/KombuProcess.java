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

/** Runs scripts with the real Kombu, Debian's, each as one process that has a deadline. */
final class KombuProcess {
    private static final String PYTHON = "/usr/bin/python3";
    private static final long SECONDS = 120;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    private KombuProcess(Path folder) {
        this.folder = folder;
    }

    /** Makes one that keeps what is printed in this folder; where there is no Kombu, the test is left out, loudly. */
    static KombuProcess require(Path folder, Class<?> test) throws IOException {
        KombuProcess process = new KombuProcess(folder);
        RunReport.require(
                "Kombu (Debian: python3-kombu)",
                new File(PYTHON).canExecute()
                        && process.exit(List.of("-c", "import kombu")).join() == 0,
                test.getSimpleName());
        return process;
    }

    /** Runs a script of the test resources to its end; what it printed, a document of JSON in each line. */
    List<JsonNode> run(String script, List<String> arguments) throws IOException {
        return start(script, arguments).join();
    }

    /** Starts a script; the future is done in bounded time. */
    CompletableFuture<List<JsonNode>> start(String script, List<String> arguments) throws IOException {
        Path file = folder.resolve(script);
        try (InputStream in = requireNonNull(KombuProcess.class.getResourceAsStream("/" + script))) {
            Files.copy(in, file);
        }
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(arguments);
        return exit(command).thenApply(exit -> {
            assertThat(exit).as("%s: %s", script, printed()).isZero();
            return printed().lines().map(KombuProcess::json).toList();
        });
    }

    private CompletableFuture<Integer> exit(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(PYTHON));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(output().toFile()));
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        Process process = builder.start();
        return process.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).handle((done, late) -> {
            process.destroyForcibly();
            assertThat(late).as("%s: %s", command, printed()).isNull();
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

    private Path output() {
        return folder.resolve("printed");
    }

    private String printed() {
        try {
            return Files.readString(output());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
