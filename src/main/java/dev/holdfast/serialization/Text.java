package dev.holdfast.serialization;

import dev.holdfast.SerializationException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Plain text in UTF-8: takes a {@link CharSequence}, gives a {@link String}. Thread-safe. */
public final class Text implements Serializer {
    /** Makes the serializer. */
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
