package dev.holdfast.serialization;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Serialized and compressed body of a message, with the content type, content encoding and compression that describe
 * it. The bytes are either the caller's own array, which is not copied, or in a pooled buffer. {@link #close}
 * releases the buffer: use the bytes before, and close once. If a body is not closed, the pool allocates a new
 * buffer; there is no other effect. Not thread-safe.
 */
public final class EncodedBody implements AutoCloseable {
    private final byte[] array;
    private final int offset;
    private final int length;
    private final String contentType;
    private final @Nullable String contentEncoding;
    private final @Nullable String compression;
    private final BodyBufferPool pool;
    private @Nullable BodyBuffer pooled;

    EncodedBody(
            byte[] array,
            int offset,
            int length,
            String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            BodyBufferPool pool,
            @Nullable BodyBuffer pooled) {
        this.array = array;
        this.offset = offset;
        this.length = length;
        this.contentType = contentType;
        this.contentEncoding = contentEncoding;
        this.compression = compression;
        this.pool = pool;
        this.pooled = pooled;
    }

    /** Returns the array that contains the bytes: {@link #length} of them, from {@link #offset}. */
    public byte[] array() {
        return array;
    }

    /** Returns the index in {@link #array} of the first byte. */
    public int offset() {
        return offset;
    }

    /** Returns the number of bytes. */
    public int length() {
        return length;
    }

    /** Returns exactly the bytes: the array itself if it is of the same length, otherwise a copy. */
    public byte[] bytes() {
        return length == array.length ? array : Arrays.copyOfRange(array, offset, offset + length);
    }

    /** Returns the content type, such as {@code application/json}. */
    public String contentType() {
        return contentType;
    }

    /** Returns the content encoding, such as {@code utf-8} or {@code binary}; null if the serializer declares none. */
    public @Nullable String contentEncoding() {
        return contentEncoding;
    }

    /** Returns the value of the header {@code compression}, such as {@code application/x-gzip}; null for none. */
    public @Nullable String compression() {
        return compression;
    }

    /** Releases the pooled buffer, whose array is overwritten from then on. No effect on a caller's own array. */
    @Override
    public void close() {
        BodyBuffer buffer = pooled;
        if (buffer != null) {
            pooled = null;
            pool.release(buffer);
        }
    }
}
