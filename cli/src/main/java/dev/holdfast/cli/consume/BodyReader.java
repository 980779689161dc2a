package dev.holdfast.cli.consume;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.Delivery;
import dev.holdfast.serialization.Accept;
import dev.holdfast.serialization.BodyDecoder;
import dev.holdfast.serialization.CompressorRegistry;
import dev.holdfast.serialization.Json;
import dev.holdfast.serialization.Raw;
import dev.holdfast.serialization.SerializerRegistry;
import dev.holdfast.serialization.Text;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bodies of messages. One is read at a time, so that one may grow to the 128 MiB that the library takes, however
 * small it came. Thread-safe.
 */
final class BodyReader {
    private final SerializerRegistry serializers = SerializerRegistry.standard().with("json", new Json(exactMapper()));
    private final CompressorRegistry compressors = CompressorRegistry.standard().maxRatio(Integer.MAX_VALUE);
    private final BodyDecoder decoder = new BodyDecoder(serializers, compressors);

    /** As the library reads JSON, but with every digit of a fraction. */
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

    /**
     * Refuses a list that names what nothing is called.
     *
     * @throws dev.holdfast.SerializerNotInstalledException if a name is unknown
     */
    void requireKnown(Accept accept) {
        decoder.require(accept);
    }

    /**
     * The body, decompressed.
     *
     * @throws dev.holdfast.SerializationException if it is not what its header says
     */
    byte[] decompress(Delivery delivery) {
        String compression = compression(delivery);
        return compression == null ? delivery.body() : compressors.decompress(delivery.body(), compression);
    }

    /**
     * The body, decompressed and decoded.
     *
     * @throws dev.holdfast.SerializationException if it is not accepted, or not what it says that it is
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

    /** Whether the body is text or bytes, which nothing interprets. */
    boolean isTextOrBytes(Delivery delivery) {
        String type = delivery.properties().contentType();
        return type == null
                || type.isEmpty()
                || serializers
                        .find(type)
                        .map(serializer -> serializer instanceof Text || serializer instanceof Raw)
                        .orElse(true);
    }

    private static @Nullable String compression(Delivery delivery) {
        Map<String, Object> headers = delivery.properties().headers();
        Object compression = headers == null ? null : headers.get("compression");
        return compression == null ? null : compression.toString();
    }
}
