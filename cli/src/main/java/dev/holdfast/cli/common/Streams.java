package dev.holdfast.cli.common;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;

/**
 * The standard streams of a command. Output is bytes, not text, since bodies are printed unchanged.
 *
 * @param terminal whether standard error is a terminal, where progress is shown
 */
public record Streams(InputStream in, OutputStream out, PrintStream err, boolean terminal) {
    /**
     * Returns the streams of this process. The launcher sets the property {@code holdfast.terminal} if standard error
     * is a terminal, which Java 17 cannot detect.
     */
    public static Streams system() {
        return new Streams(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                System.err,
                Boolean.getBoolean("holdfast.terminal"));
    }

    /**
     * Prints a line on standard output.
     *
     * @throws IOException if it cannot be written; the message names the stream
     */
    public void printLine(String line) throws IOException {
        try {
            out.write((line + '\n').getBytes(UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new IOException("standard output: " + e.getMessage(), e);
        }
    }

    /** Prints a line on standard error. */
    public void printError(String line) {
        err.println("holdfast: " + line);
        err.flush();
    }

    public PrintWriter outWriter() {
        return new PrintWriter(new OutputStreamWriter(out, UTF_8), true);
    }

    public PrintWriter errWriter() {
        return new PrintWriter(new OutputStreamWriter(err, UTF_8), true);
    }
}
