package dev.holdfast.cli.publish;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of a stream as bytes. Only a line feed ends a line, and only it is removed; a last line without one
 * counts. The longest line bounds the memory. Not thread-safe.
 */
final class LineReader implements Closeable {
    private static final int CHUNK = 1 << 16;
    private static final int MAX_LINE = Integer.MAX_VALUE - 8;

    private final InputStream in;
    private final boolean closesStream;
    private final long size;
    private byte[] buffer = new byte[CHUNK];
    private int position;
    private int limit;
    private long bytesRead;
    private long lineNumber;

    private LineReader(InputStream in, boolean closesStream, long size) {
        this.in = in;
        this.closesStream = closesStream;
        this.size = size;
    }

    /** Opens a file, or for {@code -} reads the given stream, which is not closed. */
    static LineReader open(String file, InputStream standardInput) throws IOException {
        if (file.equals("-")) {
            return of(standardInput);
        }
        Path path = Path.of(file);
        if (Files.isDirectory(path)) {
            throw new IOException("file: " + file + " is a directory (expected: a readable file)");
        }
        return new LineReader(Files.newInputStream(path), true, Files.isRegularFile(path) ? Files.size(path) : -1);
    }

    /** Returns a reader of a stream, which is not closed. */
    static LineReader of(InputStream stream) {
        return new LineReader(stream, false, -1);
    }

    /** Returns the next line without its line feed; null at the end. */
    byte @Nullable [] readLine() throws IOException {
        int scanned = 0;
        while (true) {
            int end = indexOfLineFeed(position + scanned);
            if (end >= 0) {
                return take(end, end + 1);
            }
            scanned = limit - position;
            if (!fill()) {
                return scanned == 0 ? null : take(limit, limit);
            }
        }
    }

    private int indexOfLineFeed(int from) {
        for (int i = from; i < limit; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private byte[] take(int end, int next) {
        byte[] line = Arrays.copyOfRange(buffer, position, end);
        position = next;
        lineNumber++;
        return line;
    }

    /** Reads more bytes behind the incomplete line; false at the end of the stream. */
    private boolean fill() throws IOException {
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
        }
        if (limit == buffer.length) {
            if (limit == MAX_LINE) {
                throw new IOException("line " + (lineNumber + 1) + ": length above " + MAX_LINE + " bytes");
            }
            buffer = Arrays.copyOf(buffer, (int) Math.min(buffer.length * 2L, MAX_LINE));
        }
        int read = in.read(buffer, limit, buffer.length - limit);
        if (read > 0) {
            limit += read;
            bytesRead += read;
        }
        return read > 0;
    }

    /** Returns the number of the line last read, from 1. */
    long lineNumber() {
        return lineNumber;
    }

    /** Returns the number of bytes read from the stream so far. */
    long bytesRead() {
        return bytesRead;
    }

    /** Returns the size of the file in bytes; -1 if unknown. */
    long size() {
        return size;
    }

    @Override
    public void close() throws IOException {
        if (closesStream) {
            in.close();
        }
    }
}
