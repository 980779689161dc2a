package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.ContentDisallowedException;
import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses and deserializes the body of a message, by the rules of Kombu's {@code loads}:
 *
 * <ol>
 *   <li>A content type that is not accepted is refused before the body is read.
 *   <li>The body is decompressed as the header {@code compression} says, within the registry's limits.
 *   <li>An empty body of a type that has a serializer is returned as an empty {@code byte[]}.
 *   <li>The serializer of the content type deserializes the body.
 *   <li>If there is none, and for {@code text/plain} and {@code application/data}, the content encoding decides: {@code
 *       binary} and {@code ascii-8bit} give a {@code byte[]}; any other is the character set of a {@code String}, UTF-8
 *       if there is none.
 * </ol>
 *
 * Thread-safe.
 */
public final class BodyDecoder {
    private static final Set<String> UNINTERPRETED_TYPES = Set.of(Raw.CONTENT_TYPE, "application/text", "text/plain");
    private static final Set<String> BINARY_ENCODINGS = Set.of("binary", "ascii-8bit");

    private final SerializerRegistry serializers;
    private final CompressorRegistry compressors;

    /** Creates a decoder that uses these registries. */
    public BodyDecoder(SerializerRegistry serializers, CompressorRegistry compressors) {
        this.serializers = requireNonNull(serializers, "serializers");
        this.compressors = requireNonNull(compressors, "compressors");
    }

    /**
     * Checks that every name in the list has a serializer, as {@link #decode} does.
     *
     * @throws dev.holdfast.SerializerNotInstalledException if a name is unknown
     */
    public void require(Accept accept) {
        boolean unused = isAccepted(Raw.CONTENT_TYPE, accept);
    }

    /**
     * Decompresses and deserializes a body.
     *
     * @param contentType null is {@code application/data}
     * @param compression the value of the header {@code compression}, null for none
     * @return null if the body encodes null, such as the JSON document {@code null}
     * @throws ContentDisallowedException if the content type is not accepted
     * @throws dev.holdfast.SerializerNotInstalledException if the compressor or a name in {@code accept} is unknown, or
     *     if a library is absent
     * @throws DecodeException if the body is malformed, its character set is unknown, or its decompressed size exceeds
     *     the limits
     */
    public @Nullable Object decode(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            Accept accept) {
        return decodeAs(body, contentType, contentEncoding, compression, accept, null);
    }

    /**
     * Decompresses and deserializes a body into an instance of this class. Jackson maps JSON to a record or a bean;
     * other formats, and text, must produce an instance of the class themselves. Parameters and exceptions are as
     * above, and also {@link DecodeException} if the body is of another class.
     */
    public <T> @Nullable T decode(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            Accept accept,
            Class<T> type) {
        return type.cast(
                decodeAs(body, contentType, contentEncoding, compression, accept, requireNonNull(type, "type")));
    }

    private @Nullable Object decodeAs(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            Accept accept,
            @Nullable Class<?> type) {
        String effectiveType = contentType == null || contentType.isEmpty() ? Raw.CONTENT_TYPE : contentType;
        if (!isAccepted(effectiveType, requireNonNull(accept, "accept"))) {
            throw new ContentDisallowedException(
                    "content type: " + effectiveType + " (expected: " + accept + ")", null);
        }
        byte[] bytes = compression == null ? body : compressors.decompress(body, compression);
        RegistryEntry<Serializer> entry = serializers.findByContentType(effectiveType);
        if (bytes.length == 0 && entry != null && !UNINTERPRETED_TYPES.contains(effectiveType)) {
            return checkType(bytes, type);
        }
        Serializer serializer = entry == null ? null : entry.get();
        if (serializer == null || serializer instanceof Text || serializer instanceof Raw) {
            return checkType(decodeByEncoding(bytes, contentEncoding), type);
        }
        try {
            return type == null ? serializer.deserialize(bytes) : serializer.deserialize(bytes, type);
        } catch (SerializationException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            throw new DecodeException("body cannot be read as " + effectiveType + ": " + e, e);
        }
    }

    private boolean isAccepted(String contentType, Accept accept) {
        if (accept.isSafe()) {
            RegistryEntry<Serializer> entry = serializers.findByContentType(contentType);
            return entry == null || !entry.mayRunCode;
        }
        boolean accepted = UNINTERPRETED_TYPES.contains(contentType);
        for (String name : accept.names()) {
            // Every name is looked up, even after a match, so that an unknown name is always refused.
            accepted |=
                    (name.indexOf('/') >= 0 ? name : serializers.requireEntry(name).contentType).equals(contentType);
        }
        return accepted;
    }

    private static Object decodeByEncoding(byte[] bytes, @Nullable String contentEncoding) {
        String encoding = contentEncoding == null || contentEncoding.isEmpty()
                ? "utf-8"
                : contentEncoding.toLowerCase(Locale.ROOT);
        if (BINARY_ENCODINGS.contains(encoding)) {
            return bytes;
        }
        Charset charset = TextCodec.charset(encoding);
        if (charset == null) {
            throw new DecodeException(
                    "content encoding: " + contentEncoding + " (expected: a character set or binary)", null);
        }
        return TextCodec.decode(bytes, charset);
    }

    private static Object checkType(Object value, @Nullable Class<?> type) {
        if (type != null && !type.isInstance(value)) {
            throw new DecodeException(
                    "body: " + value.getClass().getName() + " (expected: " + type.getName() + ")", null);
        }
        return value;
    }
}
