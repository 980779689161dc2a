package dev.holdfast.serialization;

import dev.holdfast.SerializationException;
import dev.holdfast.internal.text.TextCodec;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Serializer {@code raw}: sends bytes unchanged. Accepts a {@code byte[]}, the remaining bytes of a {@link ByteBuffer}
 * (its position does not change), or a {@link CharSequence}, which is encoded in UTF-8. Returns a {@code byte[]} when
 * it deserializes. Thread-safe.
 */
public final class Raw implements Serializer {
    /** Kombu's content type for bytes of no declared format: {@code application/data}. */
    public static final String CONTENT_TYPE = "application/data";

    /** Content encoding of {@link #CONTENT_TYPE}: {@code binary}. */
    public static final String CONTENT_ENCODING = "binary";

    /** Creates the serializer. */
    public Raw() {}

    @Override
    public String contentType() {
        return CONTENT_TYPE;
    }

    @Override
    public Optional<String> contentEncoding() {
        return Optional.of(CONTENT_ENCODING);
    }

    @Override
    public byte[] serialize(Object body) {
        if (body instanceof byte[] bytes) {
            return bytes;
        }
        if (body instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        if (body instanceof CharSequence text) {
            return TextCodec.encode(text.toString());
        }
        throw new SerializationException(
                "body: " + body.getClass().getName()
                        + " (expected: byte[], ByteBuffer or CharSequence for a body that is not serialized)",
                null);
    }

    @Override
    public Object deserialize(byte[] body) {
        return body;
    }
}
