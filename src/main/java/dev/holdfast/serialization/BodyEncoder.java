package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.SerializationException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import org.jspecify.annotations.Nullable;

/**
 * Picks the form of a body, by Kombu's rule:
 *
 * <ol>
 *   <li>With a content type nothing is serialised: text is encoded by the content encoding (a character set, UTF-8 if
 *       none is given), bytes go as they are, anything else is refused.
 *   <li>With a serializer named, that one, for text and bytes too.
 *   <li>With neither, text is {@code text/plain}, bytes are {@code application/data}, anything else is JSON.
 * </ol>
 *
 * <p>Unlike Kombu, a content encoding given for text or bytes without a content type is kept. Thread-safe.
 */
public final class BodyEncoder {
    private static final String TEXT = "text/plain";
    private static final String DATA = "application/data";
    private static final String UTF_8 = "utf-8";
    private static final String BINARY = "binary";

    private final SerializerRegistry serializers;
    private final Raw raw = new Raw();

    /** Makes an encoder that knows these serializers. */
    public BodyEncoder(SerializerRegistry serializers) {
        this.serializers = requireNonNull(serializers, "serializers");
    }

    /**
     * Turns a body into bytes. A {@code byte[]} is not copied.
     *
     * @param serializer the name or the content type of a serializer, null to choose by the body
     * @throws SerializationException if the body has no such form
     * @throws IllegalArgumentException if the serializer or the character set is unknown
     */
    public EncodedBody encode(
            Object body, @Nullable String serializer, @Nullable String contentType, @Nullable String contentEncoding) {
        requireNonNull(body, "body");
        if (contentType != null && !contentType.isEmpty()) {
            return asIs(body, contentType, contentEncoding);
        }
        if (serializer != null) {
            return serialized(body, serializers.get(serializer));
        }
        if (body instanceof byte[] || body instanceof ByteBuffer) {
            return asIs(body, DATA, contentEncoding);
        }
        if (body instanceof CharSequence) {
            return asIs(body, TEXT, contentEncoding);
        }
        return serialized(body, serializers.get("json"));
    }

    private EncodedBody asIs(Object body, String contentType, @Nullable String contentEncoding) {
        if (body instanceof CharSequence text) {
            String charset = contentEncoding == null ? UTF_8 : contentEncoding;
            return new EncodedBody(TextCodec.encode(text.toString(), charset(charset)), contentType, charset);
        }
        return new EncodedBody(raw.serialize(body), contentType, contentEncoding == null ? BINARY : contentEncoding);
    }

    private static Charset charset(String name) {
        if (name.equals(UTF_8)) {
            return StandardCharsets.UTF_8;
        }
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new IllegalArgumentException(
                    "contentEncoding: " + name + " (expected: a character set, for a body of text)", e);
        }
    }

    private static EncodedBody serialized(Object body, Serializer serializer) {
        byte[] bytes;
        try {
            bytes = serializer.serialize(body);
        } catch (SerializationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new SerializationException(
                    "body of " + body.getClass().getName() + " cannot be written as " + serializer.contentType() + ": "
                            + e,
                    e);
        }
        String encoding = serializer.contentEncoding().orElse(null);
        boolean rawText = serializer instanceof Raw && body instanceof CharSequence;
        return new EncodedBody(bytes, serializer.contentType(), rawText ? UTF_8 : encoding);
    }
}
