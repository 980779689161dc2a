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
 * Turns the body of a message back into what was published, by the rules of Kombu's {@code loads}:
 *
 * <ol>
 *   <li>A content type that is not accepted is refused, before anything of the body is looked at.
 *   <li>The body is decompressed as the header {@code compression} says, within the registry's limits.
 *   <li>An empty body of a type that a serializer reads is returned as it is: an empty {@code byte[]}.
 *   <li>The serializer of the content type reads it.
 *   <li>Where there is none, and for {@code text/plain} and {@code application/data}, the content encoding decides: {@code
 *       binary} and {@code ascii-8bit} are a {@code byte[]}; anything else is the character set of a {@code String},
 *       UTF-8 if none is given.
 * </ol>
 *
 * Thread-safe.
 */
public final class BodyDecoder {
    private static final Set<String> TRUSTED = Set.of(Raw.CONTENT_TYPE, "application/text", "text/plain");
    private static final Set<String> BINARY = Set.of("binary", "ascii-8bit");

    private final SerializerRegistry serializers;
    private final CompressorRegistry compressors;

    /** Makes a decoder that knows these. */
    public BodyDecoder(SerializerRegistry serializers, CompressorRegistry compressors) {
        this.serializers = requireNonNull(serializers, "serializers");
        this.compressors = requireNonNull(compressors, "compressors");
    }

    /**
     * Refuses a list that names what no serializer is called, as {@link #decode} would.
     *
     * @throws dev.holdfast.SerializerNotInstalledException if a name is unknown
     */
    public void require(Accept accept) {
        boolean unused = accepts(Raw.CONTENT_TYPE, accept);
    }

    /**
     * Decompresses and decodes a body.
     *
     * @param contentType null is {@code application/data}
     * @param compression the value of the header {@code compression}, null for none
     * @return null where the body says so, as the JSON document {@code null} does
     * @throws ContentDisallowedException if the content type is not accepted
     * @throws dev.holdfast.SerializerNotInstalledException if the compressor or a name in {@code accept} is unknown, or a
     *     library absent
     * @throws DecodeException if the body is not what it claims to be, its character set is unknown, or it grows too
     *     large when decompressed
     */
    public @Nullable Object decode(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            Accept accept) {
        return decoded(body, contentType, contentEncoding, compression, accept, null);
    }

    /**
     * Decompresses and decodes a body into this class: JSON by Jackson into a record or a bean; other formats, and text,
     * must give an instance of it themselves. Parameters and errors as above, and {@link DecodeException} for a body of
     * another class.
     */
    public <T> @Nullable T decode(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            Accept accept,
            Class<T> type) {
        return type.cast(
                decoded(body, contentType, contentEncoding, compression, accept, requireNonNull(type, "type")));
    }

    private @Nullable Object decoded(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            Accept accept,
            @Nullable Class<?> type) {
        String given = contentType == null || contentType.isEmpty() ? Raw.CONTENT_TYPE : contentType;
        if (!accepts(given, requireNonNull(accept, "accept"))) {
            throw new ContentDisallowedException("content type: " + given + " (expected: " + accept + ")", null);
        }
        byte[] bytes = compression == null ? body : compressors.decompress(body, compression);
        Known<Serializer> known = serializers.ofType(given);
        if (bytes.length == 0 && known != null && !TRUSTED.contains(given)) {
            return typed(bytes, type);
        }
        Serializer serializer = known == null ? null : known.get();
        if (serializer == null || serializer instanceof Text || serializer instanceof Raw) {
            return typed(byEncoding(bytes, contentEncoding), type);
        }
        try {
            return type == null ? serializer.deserialize(bytes) : serializer.deserialize(bytes, type);
        } catch (SerializationException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            throw new DecodeException("body cannot be read as " + given + ": " + e, e);
        }
    }

    private boolean accepts(String contentType, Accept accept) {
        if (accept.isSafe()) {
            Known<Serializer> known = serializers.ofType(contentType);
            return known == null || !known.mayRunCode;
        }
        boolean accepted = TRUSTED.contains(contentType);
        for (String name : accept.names()) {
            // Every name is looked up, so that a wrong one is found whatever comes first.
            accepted |= (name.indexOf('/') >= 0 ? name : serializers.known(name).contentType).equals(contentType);
        }
        return accepted;
    }

    private static Object byEncoding(byte[] bytes, @Nullable String contentEncoding) {
        String encoding = contentEncoding == null || contentEncoding.isEmpty()
                ? "utf-8"
                : contentEncoding.toLowerCase(Locale.ROOT);
        if (BINARY.contains(encoding)) {
            return bytes;
        }
        Charset charset = TextCodec.charset(encoding);
        if (charset == null) {
            throw new DecodeException(
                    "content encoding: " + contentEncoding + " (expected: a character set or binary)", null);
        }
        return TextCodec.decode(bytes, charset);
    }

    private static Object typed(Object value, @Nullable Class<?> type) {
        if (type != null && !type.isInstance(value)) {
            throw new DecodeException(
                    "body: " + value.getClass().getName() + " (expected: " + type.getName() + ")", null);
        }
        return value;
    }
}
