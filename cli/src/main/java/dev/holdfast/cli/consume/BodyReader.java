package dev.holdfast.cli.consume;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.DecodeException;
import dev.holdfast.Delivery;
import dev.holdfast.serialization.Accept;
import dev.holdfast.serialization.BodyDecoder;
import dev.holdfast.serialization.CompressorRegistry;
import dev.holdfast.serialization.Jackson2;
import dev.holdfast.serialization.Json;
import dev.holdfast.serialization.Raw;
import dev.holdfast.serialization.Serializer;
import dev.holdfast.serialization.SerializerRegistry;
import dev.holdfast.serialization.Text;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses and decodes the bodies of messages. The compression ratio is not limited, since one body is read at a
 * time; only the limit of the library, 128 MiB, applies. Thread-safe.
 */
final class BodyReader {
    private final SerializerRegistry serializers = SerializerRegistry.standard().with("json", new ExactJson());
    private final BodyDecoder decoder =
            new BodyDecoder(serializers, CompressorRegistry.standard().maxRatio(Integer.MAX_VALUE));

    /**
     * Checks that every name of a list is known.
     *
     * @throws dev.holdfast.SerializerNotInstalledException if a name is unknown
     */
    void requireKnown(Accept accept) {
        decoder.require(accept);
    }

    /**
     * Returns the decompressed body.
     *
     * @throws dev.holdfast.SerializationException if the body is not in the format that its header states
     */
    byte[] decompress(Delivery delivery) {
        return decoder.decompress(delivery.body(), delivery.properties().contentEncoding(), compression(delivery));
    }

    /**
     * Returns the decompressed and decoded body.
     *
     * @throws dev.holdfast.SerializationException if the body is not accepted, or not in the format that its properties
     *     state
     */
    @Nullable
    Object decode(Delivery delivery, Accept accept) {
        return decoder.decode(
                delivery.body(),
                delivery.properties().contentType(),
                delivery.properties().contentEncoding(),
                compression(delivery),
                accept);
    }

    /** Returns whether the body decodes to text or bytes, as also without a content type or with an unknown one. */
    boolean isTextOrBytes(Delivery delivery) {
        String type = delivery.properties().contentType();
        return type == null
                || type.isEmpty()
                || serializers
                        .find(type)
                        .map(serializer -> serializer instanceof Text || serializer instanceof Raw)
                        .orElse(true);
    }

    private static @Nullable Object compression(Delivery delivery) {
        return delivery.properties().headers().get("compression");
    }

    /**
     * Reads JSON as the library does, but keeps all digits of a fraction. A document with an object that looks like an
     * envelope of Kombu and is of an unknown type is read without envelopes: it is printed as it came.
     */
    private static final class ExactJson implements Serializer {
        private final Json kombu = Jackson2.kombu(exactMapper());
        private final Json withoutEnvelopes = Jackson2.plain(exactMapper());

        private static ObjectMapper exactMapper() {
            return new ObjectMapper(JsonFactory.builder()
                            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                            .streamReadConstraints(StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                            .build())
                    .enable(
                            DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                            DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
        }

        @Override
        public String contentType() {
            return kombu.contentType();
        }

        @Override
        public Optional<String> contentEncoding() {
            return kombu.contentEncoding();
        }

        @Override
        public byte[] serialize(Object body) {
            return kombu.serialize(body);
        }

        @Override
        public @Nullable Object deserialize(byte[] body) {
            try {
                return kombu.deserialize(body);
            } catch (DecodeException e) {
                if (String.valueOf(e.getMessage()).contains("__type__: ")) {
                    return withoutEnvelopes.deserialize(body);
                }
                throw e;
            }
        }
    }
}
