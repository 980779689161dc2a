package dev.holdfast.serialization;

import org.jspecify.annotations.Nullable;

/** A body as it goes on the wire, with the two properties that tell how to read it. */
public final class EncodedBody {
    private final byte[] bytes;
    private final String contentType;
    private final @Nullable String contentEncoding;

    EncodedBody(byte[] bytes, String contentType, @Nullable String contentEncoding) {
        this.bytes = bytes;
        this.contentType = contentType;
        this.contentEncoding = contentEncoding;
    }

    /** Returns the bytes; this may be the caller's own array, so copy it before the publish returns. */
    public byte[] bytes() {
        return bytes;
    }

    /** Returns the content type, such as {@code application/json}. */
    public String contentType() {
        return contentType;
    }

    /** Returns the content encoding, such as {@code utf-8} or {@code binary}; null when the serializer names none. */
    public @Nullable String contentEncoding() {
        return contentEncoding;
    }
}
