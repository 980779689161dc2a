package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.holdfast.ContentDisallowedException;
import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import dev.holdfast.internal.text.TextCodec;
import dev.holdfast.internal.text.Utf8;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses and deserializes the body of a message:
 *
 * <ol>
 *   <li>The content type is parsed: case and parameters other than {@code charset} do not matter.
 *   <li>A content type that is not accepted is refused before the body is read.
 *   <li>The body is decompressed as Kombu's header {@code compression} says, then as the codings of the content
 *       encoding say ({@code gzip}, {@code deflate}, {@code zstd}, {@code br} ...), within the registry's limits.
 *   <li>An empty body of a type that has a serializer is returned as an empty {@code byte[]}.
 *   <li>The serializer of the content type deserializes the body ({@link SerializerRegistry#find}). A format that is
 *       text is converted from its character set first.
 *   <li>If there is none, and for {@code text/plain} and {@code application/data}, the body is text in its character
 *       set. It is a {@code byte[]} if the content encoding is {@code binary} or {@code ascii-8bit}; or if no character
 *       set is declared, and the type is that of bytes (such as {@code application/octet-stream} and {@code
 *       image/png}), or the type is not {@code text/...} and the body is not UTF-8.
 * </ol>
 *
 * <p>The character set is the parameter {@code charset} of the content type, else that in the content encoding, as
 * Kombu and Spring write it, else UTF-8. Thread-safe.
 */
public final class BodyDecoder {
    private static final Set<String> UNINTERPRETED_TYPES = Set.of(Raw.CONTENT_TYPE, "application/text", "text/plain");

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
        boolean unused = isAccepted(MediaType.parse(Raw.CONTENT_TYPE), null, accept);
    }

    /**
     * Decompresses and deserializes a body.
     *
     * @param contentType null is {@code application/data}
     * @param compression the value of the header {@code compression}; null, empty text, false and 0 are none
     * @return null if the body encodes null, such as the JSON document {@code null}
     * @throws ContentDisallowedException if the content type is not accepted
     * @throws dev.holdfast.SerializerNotInstalledException if the compressor or a name in {@code accept} is unknown, or
     *     if a library is absent
     * @throws DecodeException if the body is malformed, its character set or an item of its content encoding is
     *     unknown, or its decompressed size exceeds the limits
     */
    public @Nullable Object decode(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable Object compression,
            Accept accept) {
        return decodeAs(body, contentType, contentEncoding, compression, accept, null);
    }

    /**
     * Decompresses and deserializes a body into an instance of this class. Jackson maps JSON to a record or a bean;
     * other formats, and text, must produce an instance of the class themselves. A body without a serializer is
     * returned as it is for {@code byte[]}. Parameters and exceptions are as above, and also {@link DecodeException} if
     * the body is of another class.
     */
    public <T> @Nullable T decode(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable Object compression,
            Accept accept,
            Class<T> type) {
        return type.cast(
                decodeAs(body, contentType, contentEncoding, compression, accept, requireNonNull(type, "type")));
    }

    /**
     * Decompresses a body, with the parameters and the exceptions of {@link #decode}. An unknown part of the content
     * encoding is ignored.
     */
    public byte[] decompress(byte[] body, @Nullable String contentEncoding, @Nullable Object compression) {
        return decompress(body, ContentEncoding.parse(contentEncoding, compressors), compression);
    }

    private byte[] decompress(byte[] body, ContentEncoding encoding, @Nullable Object compression) {
        if (compression == null || isFalse(compression)) {
            return encoding.codings().isEmpty() || body.length == 0
                    ? body
                    : compressors.decompress(body, encoding.codings());
        }
        List<Compressor> all = new ArrayList<>(encoding.codings());
        all.add(0, compressors.get(compression.toString()));
        return compressors.decompress(body, all);
    }

    /** Tells whether the value of a header is false in Python: Kombu tests it so. */
    private static boolean isFalse(Object compression) {
        return compression.equals(false)
                || (compression instanceof Number number && number.doubleValue() == 0)
                || compression.toString().isEmpty();
    }

    private static ContentEncoding requireKnown(ContentEncoding encoding) {
        if (encoding.unknown() != null) {
            throw unknown(encoding, null);
        }
        return encoding;
    }

    private static DecodeException unknown(ContentEncoding encoding, @Nullable Throwable cause) {
        return new DecodeException(
                "content encoding: " + encoding.unknown()
                        + " (expected: a character set, binary, or a coding such as gzip, deflate, zstd or br)",
                cause);
    }

    private @Nullable Object decodeAs(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable Object compression,
            Accept accept,
            @Nullable Class<?> type) {
        String declaredType = contentType == null || contentType.isEmpty() ? Raw.CONTENT_TYPE : contentType;
        MediaType mediaType = MediaType.parse(declaredType);
        RegistryEntry<Serializer> entry = serializers.find(mediaType);
        if (!isAccepted(mediaType, entry, requireNonNull(accept, "accept"))) {
            throw new ContentDisallowedException("content type: " + declaredType + " (expected: " + accept + ")", null);
        }
        ContentEncoding encoding = ContentEncoding.parse(contentEncoding, compressors);
        if (!encoding.codings().isEmpty() || entry == null || UNINTERPRETED_TYPES.contains(mediaType.essence())) {
            encoding = requireKnown(encoding); // else the format shows how to read it: some clients send "8bit"
        }
        byte[] bytes = decompress(body, encoding, compression);
        if (bytes.length == 0 && entry != null && !UNINTERPRETED_TYPES.contains(mediaType.essence())) {
            return checkType(bytes, type);
        }
        Charset charset = mediaType.charset() == null ? encoding.charset() : charset(mediaType.charset());
        Serializer serializer = entry == null ? null : entry.get();
        if (serializer == null || serializer instanceof Text || serializer instanceof Raw) {
            boolean undeclared = mediaType.charset() == null && (encoding.binary() || charset == null);
            return type == byte[].class
                    ? bytes
                    : checkType(decodeText(bytes, undeclared ? null : charset, mediaType, encoding.binary()), type);
        }
        try {
            byte[] readable = charset == null ? bytes : toUtf8(bytes, charset, serializer);
            return type == null ? serializer.deserialize(readable) : serializer.deserialize(readable, type);
        } catch (SerializationException e) {
            throw encoding.unknown() == null ? e : unknown(encoding, e);
        } catch (RuntimeException | StackOverflowError e) {
            String unknown = encoding.unknown() == null ? "" : " with content encoding " + encoding.unknown();
            throw new DecodeException("body cannot be read as " + declaredType + unknown + ": " + e, e);
        }
    }

    private boolean isAccepted(MediaType type, @Nullable RegistryEntry<Serializer> entry, Accept accept) {
        if (accept.isSafe()) {
            return entry == null || !entry.mayRunCode;
        }
        String readAs = entry == null ? type.essence() : entry.contentType;
        boolean accepted = UNINTERPRETED_TYPES.contains(type.essence());
        for (String name : accept.names()) {
            // Every name is looked up, even after a match, so that an unknown name is always refused.
            String listed = name.indexOf('/') >= 0
                    ? MediaType.parse(name).essence()
                    : serializers.requireEntry(name).contentType;
            accepted |= listed.equalsIgnoreCase(readAs) || listed.equals(type.essence());
        }
        return accepted;
    }

    private static Charset charset(String name) {
        Charset charset = TextCodec.charset(name);
        if (charset == null) {
            throw new DecodeException("content type: charset " + name + " (expected: a known character set)", null);
        }
        return charset;
    }

    /** Converts the body of a format that is text. ASCII is read as UTF-8, of which it is a part. */
    private static byte[] toUtf8(byte[] bytes, Charset charset, Serializer serializer) {
        boolean unchanged = charset.equals(UTF_8)
                || charset.equals(US_ASCII)
                || !serializer.contentEncoding().orElse("").equalsIgnoreCase("utf-8");
        return unchanged ? bytes : TextCodec.encode(TextCodec.decode(bytes, charset));
    }

    /** @param charset null if none is declared */
    private static Object decodeText(byte[] bytes, @Nullable Charset charset, MediaType type, boolean binary) {
        if (charset != null) {
            return TextCodec.decode(bytes, charset);
        }
        if (binary || type.isBinary()) {
            return bytes;
        }
        String text = type.isText() ? TextCodec.decode(bytes, UTF_8) : Utf8.decode(bytes);
        return text == null ? bytes : text;
    }

    private static Object checkType(Object value, @Nullable Class<?> type) {
        if (type != null && !type.isInstance(value)) {
            throw new DecodeException(
                    "body: " + value.getClass().getName() + " (expected: " + type.getName() + ")", null);
        }
        return value;
    }
}
