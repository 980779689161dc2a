package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.SerializationException;
import dev.holdfast.internal.text.TextCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Serializes and compresses the body of a message, by the rules of Kombu's {@code dumps}:
 *
 * <ol>
 *   <li>With a content type, text and bytes are not serialized: text is encoded in its character set (the parameter
 *       {@code charset}, else that of the content encoding, else UTF-8), bytes are sent unchanged. Unlike in Kombu,
 *       another body is serialized, by the serializer given or else that of the content type ({@link
 *       SerializerRegistry#find}), and refused if there is none.
 *   <li>With a serializer, that serializer is used, for text and bytes too.
 *   <li>With neither, text is {@code text/plain}, bytes are {@code application/data}, anything else is JSON.
 * </ol>
 *
 * <p>With a compressor, the resulting bytes are compressed; content type and content encoding do not change, and the
 * header {@code compression} names the compressor, as in Kombu. A content encoding with a coding, such as {@code gzip}
 * or {@code gzip, utf-8}, compresses text and serialized bodies as in HTTP, without that header; it says of bytes that
 * they are compressed already. Unlike Kombu, the encoder keeps a content encoding that is given for text or bytes
 * without a content type. Thread-safe.
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
        Compression compressor = compression == null ? null : new Compression(compressors.get(compression), true);
        boolean bytes = body instanceof byte[] || body instanceof ByteBuffer;
        if (contentType != null && !contentType.isEmpty()) {
            if (bytes || body instanceof CharSequence) {
                return encodeUnserialized(body, contentType, contentEncoding, compressor);
            }
            RegistryEntry<Serializer> entry = serializer == null
                    ? serializers.find(MediaType.parse(contentType))
                    : serializers.requireEntry(serializer);
            return entry == null
                    ? encodeUnserialized(body, contentType, contentEncoding, compressor)
                    : serialize(body, entry.get(), contentType, contentEncoding, compressor);
        }
        if (serializer != null) {
            return serialize(body, serializers.get(serializer), null, contentEncoding, compressor);
        }
        if (bytes) {
            return encodeUnserialized(body, Raw.CONTENT_TYPE, contentEncoding, compressor);
        }
        if (body instanceof CharSequence) {
            return encodeUnserialized(body, TEXT_CONTENT_TYPE, contentEncoding, compressor);
        }
        return serialize(body, json(), null, contentEncoding, compressor);
    }

    /** @param header whether a header of the message names it, instead of the content encoding */
    private record Compression(Compressor compressor, boolean header) {}

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
            Object body, String contentType, @Nullable String contentEncoding, @Nullable Compression compressor) {
        if (body instanceof CharSequence text) {
            return encodeText(text.toString(), contentType, contentEncoding, compressor);
        }
        String encoding = contentEncoding == null ? Raw.CONTENT_ENCODING : contentEncoding;
        if (body instanceof ByteBuffer buffer && buffer.hasArray()) {
            int offset = buffer.arrayOffset() + buffer.position();
            return encodeBytes(buffer.array(), offset, buffer.remaining(), contentType, encoding, compressor);
        }
        byte[] bytes = raw.serialize(body);
        return encodeBytes(bytes, 0, bytes.length, contentType, encoding, compressor);
    }

    private EncodedBody encodeText(
            String text, String contentType, @Nullable String contentEncoding, @Nullable Compression compressor) {
        String charset = contentType.indexOf(';') < 0
                ? null
                : MediaType.parse(contentType).charset();
        if (contentEncoding == null && charset == null) {
            byte[] bytes = TextCodec.encode(text);
            return encodeBytes(bytes, 0, bytes.length, contentType, UTF_8, compressor);
        }
        String declaredEncoding = contentEncoding == null ? requireNonNull(charset) : contentEncoding;
        ContentEncoding encoding = ContentEncoding.parse(declaredEncoding, compressors);
        Charset ofType = charset == null ? encoding.charset() : TextCodec.charset(charset);
        if (encoding.unknown() != null || encoding.binary() || (charset != null && ofType == null)) {
            throw new IllegalArgumentException(
                    "contentEncoding: " + declaredEncoding + " (expected: a character set for a text body, or a coding)"
                            + (charset == null ? "" : " with contentType: " + contentType));
        }
        byte[] bytes = TextCodec.encode(text, ofType == null ? StandardCharsets.UTF_8 : ofType);
        Compression coding = withCoding(compressor, encoding, declaredEncoding);
        return encodeBytes(bytes, 0, bytes.length, contentType, declaredEncoding, coding);
    }

    /** Returns the compressor, or the coding of the content encoding, if there is one. */
    private static @Nullable Compression withCoding(
            @Nullable Compression compressor, ContentEncoding encoding, @Nullable String contentEncoding) {
        List<Compressor> codings = encoding.codings();
        if (codings.isEmpty()) {
            return compressor;
        }
        if (codings.size() > 1 || compressor != null) {
            throw new IllegalArgumentException(
                    "contentEncoding: " + contentEncoding + " (expected: one coding, and no compression besides it)");
        }
        return new Compression(codings.get(0), false);
    }

    /** @param contentType null for that of the serializer */
    private EncodedBody serialize(
            Object body,
            Serializer serializer,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable Compression compressor) {
        String type = contentType == null ? serializer.contentType() : contentType;
        String encoding = serializer.contentEncoding().orElse(null);
        if (serializer instanceof Raw) {
            String stated = contentEncoding == null ? encoding : contentEncoding;
            return encodeUnserialized(body, type, body instanceof CharSequence ? UTF_8 : stated, compressor);
        }
        Compression used = compressor;
        if (contentEncoding != null) {
            ContentEncoding requested = ContentEncoding.parse(contentEncoding, compressors);
            if (requested.unknown() != null) {
                throw new IllegalArgumentException(
                        "contentEncoding: " + contentEncoding + " (expected: utf-8 or a coding for a serialized body)");
            }
            used = withCoding(compressor, requested, contentEncoding);
            encoding = requested.codings().isEmpty() ? encoding : contentEncoding;
            requireUtf8(requested.codings().isEmpty() ? null : requested.charset(), contentEncoding);
        }
        String charset = type.indexOf(';') < 0 ? null : MediaType.parse(type).charset();
        requireUtf8(charset == null ? null : TextCodec.charset(charset), type);
        try {
            return write(out -> serializer.serialize(body, out), type, encoding, used);
        } catch (SerializationException e) {
            throw e;
        } catch (RuntimeException | IOException | StackOverflowError e) {
            throw new SerializationException(
                    "body of " + body.getClass().getName() + " cannot be written as " + type + ": " + e, e);
        }
    }

    private static void requireUtf8(@Nullable Charset charset, String value) {
        if (charset != null && !charset.equals(StandardCharsets.UTF_8)) {
            throw new IllegalArgumentException(
                    "charset: " + charset + " in " + value + " (expected: utf-8 for a body that is serialized)");
        }
    }

    private EncodedBody encodeBytes(
            byte[] array,
            int offset,
            int length,
            String contentType,
            String contentEncoding,
            @Nullable Compression compressor) {
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
            BodyWriter writer, String contentType, @Nullable String contentEncoding, @Nullable Compression compression)
            throws IOException {
        BodyBuffer buffer = buffers.acquire();
        if (compression == null) {
            writer.writeTo(buffer);
        } else {
            try (OutputStream compressing = compression.compressor.compress(buffer)) {
                writer.writeTo(compressing);
            }
        }
        return new EncodedBody(
                buffer.bytes,
                0,
                buffer.length,
                contentType,
                contentEncoding,
                compression == null || !compression.header ? null : compression.compressor.contentType(),
                buffers,
                buffer);
    }
}
