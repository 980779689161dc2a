package dev.holdfast.serialization;

import dev.holdfast.SerializationException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Bytes as they are: takes a {@code byte[]}, the remaining bytes of a {@link ByteBuffer} (whose position stays), or a
 * {@link CharSequence}, which becomes UTF-8; gives a {@code byte[]}. Thread-safe.
 */
public final class Raw implements Serializer {
    /** The type of bytes that say nothing else of themselves, as Kombu has it. */
    public static final String CONTENT_TYPE = "application/data";

    /** Their encoding. */
    public static final String CONTENT_ENCODING = "binary";

    /** Makes the serializer. */
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
                        + " (expected: byte[], ByteBuffer or CharSequence where it is sent as it is)",
                null);
    }

    @Override
    public Object deserialize(byte[] body) {
        return body;
    }
}
