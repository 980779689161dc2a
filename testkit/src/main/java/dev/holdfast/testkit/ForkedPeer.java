package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A discarding broker in a child JVM, controlled through its standard input and output. The child exits when its
 * standard input ends, so it cannot outlive this JVM.
 */
final class ForkedPeer implements DiscardingPeer {
    static final String LISTENING = "LISTENING ";
    static final String STATISTICS = "STATISTICS ";

    private static final long EXIT_TIMEOUT_SECONDS = 5;

    private final Process process;
    private final BufferedReader childOutput;
    private final Writer childInput;
    private final int port;

    private ForkedPeer(Process process) throws IOException {
        this.process = process;
        this.childOutput = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        this.childInput = new OutputStreamWriter(process.getOutputStream(), UTF_8);
        this.port = Integer.parseInt(readReply(LISTENING));
    }

    static ForkedPeer start(Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                classPath(main),
                main.getName()));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                return new ForkedPeer(process);
            } catch (IOException | RuntimeException e) {
                process.destroyForcibly();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("discarding broker did not start: " + command, e);
        }
    }

    /**
     * The child needs only the jar or directory of its main class; the full class path of a test would slow its start.
     */
    private static String classPath(Class<?> main) {
        CodeSource source = main.getProtectionDomain().getCodeSource();
        if (source == null
                || !source.getLocation().getProtocol().toLowerCase(Locale.ROOT).equals("file")) {
            return System.getProperty("java.class.path");
        }
        try {
            return Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            return System.getProperty("java.class.path");
        }
    }

    private String readReply(String prefix) throws IOException {
        String line = childOutput.readLine();
        if (line == null || !line.startsWith(prefix)) {
            throw new IOException(
                    "unexpected output of the discarding broker: " + line + " (expected: " + prefix.strip() + " ...)");
        }
        return line.substring(prefix.length());
    }

    private synchronized long statistic(int index) {
        try {
            childInput.write("statistics\n");
            childInput.flush();
            return Long.parseLong(readReply(STATISTICS).split(" ", -1)[index]);
        } catch (IOException e) {
            throw new UncheckedIOException("discarding broker has ended", e);
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public long messages() {
        return statistic(0);
    }

    @Override
    public long bytes() {
        return statistic(1);
    }

    @Override
    public void close() {
        try {
            childInput.close();
            if (!process.waitFor(EXIT_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
