package dev.holdfast.serialization;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A body as it goes on the wire, with what tells how to read it. The bytes may be the caller's own and are not copied, or
 * stand in a buffer that {@link #close} gives back: use them before that, and close once. Not to close does no harm but
 * that a buffer is made anew. Not thread-safe.
 */
public final class EncodedBody implements AutoCloseable {
    private final byte[] array;
    private final int offset;
    private final int length;
    private final String contentType;
    private final @Nullable String contentEncoding;
    private final @Nullable String compression;
    private final Buffers buffers;
    private @Nullable Buffer borrowed;

    EncodedBody(
            byte[] array,
            int offset,
            int length,
            String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            Buffers buffers,
            @Nullable Buffer borrowed) {
        this.array = array;
        this.offset = offset;
        this.length = length;
        this.contentType = contentType;
        this.contentEncoding = contentEncoding;
        this.compression = compression;
        this.buffers = buffers;
        this.borrowed = borrowed;
    }

    /** Returns the array that holds the bytes, from {@link #offset} on {@link #length} of them. */
    public byte[] array() {
        return array;
    }

    /** Returns where in {@link #array} the bytes start. */
    public int offset() {
        return offset;
    }

    /** Returns how many bytes there are. */
    public int length() {
        return length;
    }

    /** Returns the bytes alone: the array itself where it holds nothing else, else a copy. */
    public byte[] bytes() {
        return length == array.length ? array : Arrays.copyOfRange(array, offset, offset + length);
    }

    /** Returns the content type, such as {@code application/json}. */
    public String contentType() {
        return contentType;
    }

    /** Returns the content encoding, such as {@code utf-8} or {@code binary}; null when the serializer names none. */
    public @Nullable String contentEncoding() {
        return contentEncoding;
    }

    /** Returns the value of the header {@code compression}, such as {@code application/x-gzip}; null for none. */
    public @Nullable String compression() {
        return compression;
    }

    /** Gives the buffer back: the array is written over from then on. Where the array is the caller's nothing happens. */
    @Override
    public void close() {
        Buffer buffer = borrowed;
        if (buffer != null) {
            borrowed = null;
            buffers.giveBack(buffer);
        }
    }
}
