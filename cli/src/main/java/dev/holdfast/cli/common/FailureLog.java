package dev.holdfast.cli.common;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names every message that failed: the first ten on standard error, all of them in a file. Without a file of the user a
 * temporary one is made for the eleventh. If a file cannot be written, standard error gets every message. Thread-safe.
 */
public final class FailureLog implements Closeable {
    private static final int MAX_SHOWN = 10;

    private final Streams streams;

    /** The messages before there is a file. */
    private final List<String> shown = new ArrayList<>();

    private @Nullable Path file;
    private @Nullable BufferedWriter writer;
    private boolean unwritable;
    private long count;

    /**
     * Creates a log.
     *
     * @param file created or truncated at once; null for a temporary file once it is needed
     * @throws IOException if the file cannot be created
     */
    public FailureLog(Streams streams, @Nullable Path file) throws IOException {
        this.streams = streams;
        this.file = file;
        this.writer = file == null ? null : Files.newBufferedWriter(file, UTF_8);
    }

    /**
     * Names one message that failed.
     *
     * @param label the message, such as {@code line 17}
     */
    public synchronized void report(String label, String reason) {
        String failure = label + ": " + reason;
        count++;
        if (count <= MAX_SHOWN || unwritable) {
            streams.printError(failure);
        }
        if (unwritable) {
            return;
        }
        if (writer == null && count <= MAX_SHOWN) {
            shown.add(failure);
            return;
        }
        try {
            write(failure);
        } catch (IOException e) {
            unwritable = true;
            streams.printError("file " + (file == null ? "of failed messages" : file) + ": cannot be written: "
                    + ErrorHandler.describe(e) + "; failed messages are reported here instead");
            if (count > MAX_SHOWN) {
                streams.printError(failure);
            }
        }
    }

    private void write(String failure) throws IOException {
        if (file == null) {
            file = Files.createTempFile("holdfast-failed-", ".txt");
        }
        if (writer == null) {
            writer = Files.newBufferedWriter(file, UTF_8);
            for (String earlier : shown) {
                writeLine(writer, earlier);
            }
        }
        writeLine(writer, failure);
        writer.flush(); // nothing is lost if the process is killed
    }

    private static void writeLine(BufferedWriter writer, String line) throws IOException {
        writer.write(line);
        writer.write('\n');
    }

    /** Prints how many messages were not shown, if any, and the file that names them. */
    public synchronized void reportOmitted() {
        long omitted = count - MAX_SHOWN;
        if (omitted > 0 && !unwritable) {
            streams.printError("and " + omitted + " more messages failed; all " + count + " are named in " + file);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (writer != null && !unwritable) {
            writer.close();
        }
    }
}
