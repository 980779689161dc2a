package dev.holdfast.serialization;

import dev.holdfast.SerializationException;
import dev.holdfast.internal.text.TextCodec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Serializer {@code text}: sends a {@link CharSequence} in UTF-8. Returns a {@link String} when it deserializes.
 * Thread-safe.
 */
public final class Text implements Serializer {
    /** Creates the serializer. */
    public Text() {}

    @Override
    public String contentType() {
        return "text/plain";
    }

    @Override
    public Optional<String> contentEncoding() {
        return Optional.of("utf-8");
    }

    @Override
    public byte[] serialize(Object body) {
        if (body instanceof CharSequence text) {
            return TextCodec.encode(text.toString());
        }
        throw new SerializationException(
                "body: " + body.getClass().getName() + " (expected: a CharSequence for the serializer text)", null);
    }

    @Override
    public Object deserialize(byte[] body) {
        return TextCodec.decode(body, StandardCharsets.UTF_8);
    }
}
