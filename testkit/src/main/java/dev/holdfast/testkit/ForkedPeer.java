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
 * A discarding broker in a JVM of its own, spoken to through its standard streams. It ends when its standard input does, so
 * it cannot outlive this JVM.
 */
final class ForkedPeer implements DiscardingPeer {
    static final String LISTENING = "LISTENING ";
    static final String STATISTICS = "STATISTICS ";

    private static final long END_SECONDS = 5;

    private final Process process;
    private final BufferedReader answers;
    private final Writer questions;
    private final int port;

    private ForkedPeer(Process process) throws IOException {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        this.questions = new OutputStreamWriter(process.getOutputStream(), UTF_8);
        this.port = Integer.parseInt(answer(LISTENING));
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

    /** The jar or directory of the main class is all that the child needs; a test's whole class path would slow its start. */
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

    private String answer(String prefix) throws IOException {
        String line = answers.readLine();
        if (line == null || !line.startsWith(prefix)) {
            throw new IOException("discarding broker said: " + line + " (expected: " + prefix.strip() + " ...)");
        }
        return line.substring(prefix.length());
    }

    private synchronized long statistic(int index) {
        try {
            questions.write("statistics\n");
            questions.flush();
            return Long.parseLong(answer(STATISTICS).split(" ", -1)[index]);
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
            questions.close();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
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
