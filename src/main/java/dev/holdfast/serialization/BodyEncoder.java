package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * Serializes and compresses the body of a message, by the rules of Kombu's {@code dumps}:
 *
 * <ol>
 *   <li>With a content type, the body is not serialized: text is encoded in the content encoding (a character set,
 *       UTF-8 by default), bytes are sent unchanged, anything else is refused.
 *   <li>With a serializer, that serializer is used, for text and bytes too.
 *   <li>With neither, text is {@code text/plain}, bytes are {@code application/data}, anything else is JSON.
 * </ol>
 *
 * <p>With a compressor, the resulting bytes are compressed; content type and content encoding do not change. Unlike
 * Kombu, the encoder keeps a content encoding that is given for text or bytes without a content type. Thread-safe.
 */
public final class BodyEncoder {
    private static final String TEXT_CONTENT_TYPE = "text/plain";
    private static final String UTF_8 = "utf-8";

    private final SerializerRegistry serializers;
    private final CompressorRegistry compressors;
    private final BodyBufferPool buffers = new BodyBufferPool();
    private final Raw raw = new Raw();
    private @Nullable Serializer json;

    /** Creates an encoder that uses these registries. */
    public BodyEncoder(SerializerRegistry serializers, CompressorRegistry compressors) {
        this.serializers = requireNonNull(serializers, "serializers");
        this.compressors = requireNonNull(compressors, "compressors");
    }

    /**
     * Serializes and compresses a body. A {@code byte[]}, or the array of a {@code ByteBuffer}, is not copied.
     *
     * @param serializer the name or the content type of a serializer, null to choose by the class of the body
     * @param compression the name or the content type of a compressor, null for none
     * @throws SerializationException if the body cannot be encoded in this format
     * @throws dev.holdfast.SerializerNotInstalledException if the serializer or the compressor is unknown, or if its
     *     library is absent
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
            return encodeUnserialized(body, contentType, contentEncoding, compressor);
        }
        if (serializer != null) {
            return serialize(body, serializers.get(serializer), compressor);
        }
        if (body instanceof byte[] || body instanceof ByteBuffer) {
            return encodeUnserialized(body, Raw.CONTENT_TYPE, contentEncoding, compressor);
        }
        if (body instanceof CharSequence) {
            return encodeUnserialized(body, TEXT_CONTENT_TYPE, contentEncoding, compressor);
        }
        return serialize(body, json(), compressor);
    }

    /**
     * Checks that the serializer and the compressor are available, as {@link #encode} does.
     *
     * @throws dev.holdfast.SerializerNotInstalledException if either is unknown, or if its library is absent
     */
    public void require(@Nullable String serializer, @Nullable String compression) {
        if (serializer != null) {
            Serializer unused = serializers.get(serializer);
        }
        if (compression != null) {
            Compressor unused = compressors.get(compression);
        }
    }

    /** Looks json up lazily. The race is benign: each lookup returns the same serializer. */
    private Serializer json() {
        Serializer cached = json;
        if (cached == null) {
            cached = serializers.get("json");
            json = cached;
        }
        return cached;
    }

    private EncodedBody encodeUnserialized(
            Object body, String contentType, @Nullable String contentEncoding, @Nullable Compressor compressor) {
        if (body instanceof CharSequence text) {
            String charset = contentEncoding == null ? UTF_8 : contentEncoding;
            byte[] bytes = TextCodec.encode(text.toString(), charset(charset));
            return encodeBytes(bytes, 0, bytes.length, contentType, charset, compressor);
        }
        String encoding = contentEncoding == null ? Raw.CONTENT_ENCODING : contentEncoding;
        if (body instanceof ByteBuffer buffer && buffer.hasArray()) {
            int offset = buffer.arrayOffset() + buffer.position();
            return encodeBytes(buffer.array(), offset, buffer.remaining(), contentType, encoding, compressor);
        }
        byte[] bytes = raw.serialize(body);
        return encodeBytes(bytes, 0, bytes.length, contentType, encoding, compressor);
    }

    private static Charset charset(String name) {
        Charset charset = TextCodec.charset(name);
        if (charset == null) {
            throw new IllegalArgumentException(
                    "contentEncoding: " + name + " (expected: a character set for a text body)");
        }
        return charset;
    }

    private EncodedBody serialize(Object body, Serializer serializer, @Nullable Compressor compressor) {
        String contentType = serializer.contentType();
        String encoding = serializer.contentEncoding().orElse(null);
        if (serializer instanceof Raw) {
            return encodeUnserialized(body, contentType, body instanceof CharSequence ? UTF_8 : encoding, compressor);
        }
        try {
            return write(out -> serializer.serialize(body, out), contentType, encoding, compressor);
        } catch (SerializationException e) {
            throw e;
        } catch (RuntimeException | IOException | StackOverflowError e) {
            throw new SerializationException(
                    "body of " + body.getClass().getName() + " cannot be written as " + contentType + ": " + e, e);
        }
    }

    private EncodedBody encodeBytes(
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
            return write(out -> out.write(array, offset, length), contentType, contentEncoding, compressor);
        } catch (IOException e) {
            throw new SerializationException("body cannot be compressed: " + e, e);
        }
    }

    private interface BodyWriter {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes a body into a pooled buffer, through the compressor if there is one. */
    private EncodedBody write(
            BodyWriter writer, String contentType, @Nullable String contentEncoding, @Nullable Compressor compressor)
            throws IOException {
        BodyBuffer buffer = buffers.acquire();
        if (compressor == null) {
            writer.writeTo(buffer);
        } else {
            try (OutputStream compressing = compressor.compress(buffer)) {
                writer.writeTo(compressing);
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
