package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
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
 * <p>With a compressor named, what comes of it is compressed; content type and encoding stay. Unlike Kombu, a content
 * encoding given for text or bytes without a content type is kept. Thread-safe.
 */
public final class BodyEncoder {
    private static final String TEXT = "text/plain";
    private static final String DATA = "application/data";
    private static final String UTF_8 = "utf-8";
    private static final String BINARY = "binary";

    private final SerializerRegistry serializers;
    private final CompressorRegistry compressors;
    private final Buffers buffers = new Buffers();
    private final Raw raw = new Raw();
    private @Nullable Serializer json;

    /** Makes an encoder that knows these. */
    public BodyEncoder(SerializerRegistry serializers, CompressorRegistry compressors) {
        this.serializers = requireNonNull(serializers, "serializers");
        this.compressors = requireNonNull(compressors, "compressors");
    }

    /**
     * Turns a body into bytes. A {@code byte[]}, or what is behind a {@code ByteBuffer}, is not copied.
     *
     * @param serializer the name or the content type of a serializer, null to choose by the body
     * @param compression the name or the content type of a compressor, null for none
     * @throws SerializationException if the body has no such form
     * @throws dev.holdfast.SerializerNotInstalledException if the serializer or the compressor is unknown, or its library
     *     absent
     * @throws IllegalArgumentException if the character set is unknown
     */
    public EncodedBody encode(
            Object body,
            @Nullable String serializer,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression) {
        requireNonNull(body, "body");
        Compressor compressor = compression == null ? null : compressors.get(compression);
        if (contentType != null && !contentType.isEmpty()) {
            return asIs(body, contentType, contentEncoding, compressor);
        }
        if (serializer != null) {
            return serialized(body, serializers.get(serializer), compressor);
        }
        if (body instanceof byte[] || body instanceof ByteBuffer) {
            return asIs(body, DATA, contentEncoding, compressor);
        }
        if (body instanceof CharSequence) {
            return asIs(body, TEXT, contentEncoding, compressor);
        }
        return serialized(body, json(), compressor);
    }

    /**
     * Refuses names that a publish would refuse.
     *
     * @throws dev.holdfast.SerializerNotInstalledException if one is unknown, or its library absent
     */
    public void require(@Nullable String serializer, @Nullable String compression) {
        if (serializer != null) {
            Serializer unused = serializers.get(serializer);
        }
        if (compression != null) {
            Compressor unused = compressors.get(compression);
        }
    }

    /** Found at its first use, not before; racy on purpose: finding it twice does no harm. */
    private Serializer json() {
        Serializer known = json;
        if (known == null) {
            known = serializers.get("json");
            json = known;
        }
        return known;
    }

    private EncodedBody asIs(
            Object body, String contentType, @Nullable String contentEncoding, @Nullable Compressor compressor) {
        if (body instanceof CharSequence text) {
            String charset = contentEncoding == null ? UTF_8 : contentEncoding;
            byte[] bytes = TextCodec.encode(text.toString(), charset(charset));
            return bytes(bytes, 0, bytes.length, contentType, charset, compressor);
        }
        String encoding = contentEncoding == null ? BINARY : contentEncoding;
        if (body instanceof ByteBuffer buffer && buffer.hasArray()) {
            int offset = buffer.arrayOffset() + buffer.position();
            return bytes(buffer.array(), offset, buffer.remaining(), contentType, encoding, compressor);
        }
        byte[] bytes = raw.serialize(body);
        return bytes(bytes, 0, bytes.length, contentType, encoding, compressor);
    }

    private static Charset charset(String name) {
        Charset charset = TextCodec.charset(name);
        if (charset == null) {
            throw new IllegalArgumentException(
                    "contentEncoding: " + name + " (expected: a character set, for a body of text)");
        }
        return charset;
    }

    private EncodedBody serialized(Object body, Serializer serializer, @Nullable Compressor compressor) {
        String contentType = serializer.contentType();
        String encoding = serializer.contentEncoding().orElse(null);
        if (serializer instanceof Raw) {
            return asIs(body, contentType, body instanceof CharSequence ? UTF_8 : encoding, compressor);
        }
        try {
            return written(out -> serializer.serialize(body, out), contentType, encoding, compressor);
        } catch (SerializationException e) {
            throw e;
        } catch (RuntimeException | IOException | StackOverflowError e) {
            throw new SerializationException(
                    "body of " + body.getClass().getName() + " cannot be written as " + contentType + ": " + e, e);
        }
    }

    private EncodedBody bytes(
            byte[] array,
            int offset,
            int length,
            String contentType,
            String contentEncoding,
            @Nullable Compressor compressor) {
        if (compressor == null) {
            return new EncodedBody(array, offset, length, contentType, contentEncoding, null, buffers, null);
        }
        try {
            return written(out -> out.write(array, offset, length), contentType, contentEncoding, compressor);
        } catch (IOException e) {
            throw new SerializationException("body cannot be compressed: " + e, e);
        }
    }

    private interface Source {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Through the compressor, if any, into one buffer. */
    private EncodedBody written(
            Source source, String contentType, @Nullable String contentEncoding, @Nullable Compressor compressor)
            throws IOException {
        Buffer buffer = buffers.take();
        if (compressor == null) {
            source.writeTo(buffer);
        } else {
            try (OutputStream compressing = compressor.compress(buffer)) {
                source.writeTo(compressing);
            }
        }
        return new EncodedBody(
                buffer.bytes,
                0,
                buffer.length,
                contentType,
                contentEncoding,
                compressor == null ? null : compressor.contentType(),
                buffers,
                buffer);
    }
}
