package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * Runs {@code bin/holdfast} in processes of its own, since signals and the standard streams belong to a process. The
 * launcher is a copy in a folder of the test, with a jar that refers to the class path of the test, as in a
 * distribution.
 */
final class Launcher {
    private static final long PATIENCE_SECONDS = 120;

    private final Path script;
    private final Map<String, String> environment;

    /** Makes a launcher of an existing script, with variables in addition to those of this process. */
    Launcher(Path script, Map<String, String> environment) {
        this.script = script;
        this.environment = environment;
    }

    /** Copies the launcher to a folder of the test. */
    Launcher(Path folder) throws IOException {
        environment = Map.of("HOLDFAST_CACHE", ""); // no archive of shared classes
        script = Files.createDirectories(folder.resolve("bin")).resolve("holdfast");
        Files.copy(Path.of("..", "bin", "holdfast"), script);
        Path lib = Files.createDirectories(folder.resolve("lib"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "dev.holdfast.cli.Main");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath());
        manifest.getMainAttributes().putValue("Enable-Native-Access", "ALL-UNNAMED");
        new JarOutputStream(Files.newOutputStream(lib.resolve("holdfast-cli.jar")), manifest).close();
    }

    /** Returns this launcher with a further variable. */
    Launcher with(String variable, String value) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.put(variable, value);
        return new Launcher(script, variables);
    }

    private static String classPath() {
        List<String> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"), -1)) {
            urls.add(Path.of(entry).toUri().toString());
        }
        return String.join(" ", urls);
    }

    /** Starts a command whose standard error is collected. */
    Running start(String... arguments) throws IOException {
        return startAs("\"$@\"", arguments);
    }

    /**
     * Starts a command by a line of the shell.
     *
     * @param line the command is {@code "$@"} in it, such as {@code "$@" >/dev/full}
     */
    Running startAs(String line, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec " + line, "sh", script.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().putAll(environment);
        return new Running(process.start());
    }

    /** Waits for a condition that another process brings about. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not in time: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** A process. */
    static final class Running implements AutoCloseable {
        private final Process process;

        @SuppressWarnings("JdkObsolete") // two threads use it
        private final StringBuffer err = new StringBuffer();

        private final CompletableFuture<Void> errEnd;

        Running(Process process) {
            this.process = process;
            this.errEnd = CompletableFuture.runAsync(() -> collect(process.getErrorStream()));
        }

        private void collect(InputStream stream) {
            try {
                byte[] buffer = new byte[1000];
                for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                    err.append(new String(buffer, 0, read, UTF_8));
                }
            } catch (IOException e) {
                err.append(e);
            }
        }

        OutputStream in() {
            return process.getOutputStream();
        }

        InputStream out() {
            return process.getInputStream();
        }

        String err() {
            return err.toString();
        }

        /** Sends a signal, such as {@code INT}, to this process. */
        void signal(String name) throws Exception {
            int exitCode = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (exitCode != 0) {
                throw new AssertionError("kill: exit code " + exitCode);
            }
        }

        /** Waits for the end, reading nothing of standard output, and returns the exit code. */
        int exitCode() throws Exception {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("runs still; standard error: " + err);
            }
            errEnd.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
