package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Serializer {@code json}: JSON by Jackson, compatible with Kombu in both directions. It writes compact JSON, in UTF-8
 * where Kombu escapes. Values of types that JSON does not have are written in an envelope, {@code {"__type__": "uuid",
 * "__value__": {"hex": "..."}}}.
 *
 * <table>
 * <caption>Envelopes</caption>
 * <tr><th>type</th><th>written for</th><th>read as</th></tr>
 * <tr><td>datetime</td><td>OffsetDateTime, ZonedDateTime, Instant; LocalDateTime without an offset</td>
 *     <td>OffsetDateTime, LocalDateTime</td></tr>
 * <tr><td>date</td><td>LocalDate</td><td>LocalDate</td></tr>
 * <tr><td>time</td><td>LocalTime, OffsetTime</td><td>LocalTime, OffsetTime</td></tr>
 * <tr><td>decimal</td><td>BigDecimal</td><td>BigDecimal</td></tr>
 * <tr><td>uuid</td><td>UUID</td><td>UUID</td></tr>
 * <tr><td>bytes</td><td>byte[] that is valid UTF-8</td><td>byte[]</td></tr>
 * <tr><td>base64</td><td>any other byte[]</td><td>byte[]</td></tr>
 * </table>
 *
 * <p>Times are truncated to microseconds, the resolution of Python's types.
 *
 * <p>It also writes maps (keys become text, null becomes {@code "null"}), collections, arrays, strings, numbers,
 * booleans, records and beans. It reads maps, in their order, lists, String, Integer, Long, BigInteger, Double,
 * Boolean and null. {@code NaN} and the infinities are written and read unquoted, as by Python, although JSON does
 * not allow them. An object with exactly the keys {@code __type__} and {@code __value__} is always read as an
 * envelope; an unknown type is refused. The nesting depth is limited to 1000, integers and decimals to 1000
 * digits, the exponent of a decimal to 10,000, the length of a string only by the body. Thread-safe and immutable.
 */
public final class Json implements Serializer {
    /** The mapper without the envelopes; never changed. */
    private final ObjectMapper base;

    /** Codecs added by {@link #with}, in addition to Kombu's own; null to write and read no envelopes. */
    private final @Nullable List<KombuTypesModule.TypeCodec> codecs;

    private final ObjectMapper mapper;
    private final JsonWriter writer;

    /** Creates a serializer for Kombu's JSON. */
    public Json() {
        this(kombuMapper(), List.of());
    }

    /** Creates a serializer for Kombu's JSON with a copy of this mapper, in which the envelopes take precedence. */
    public Json(ObjectMapper mapper) {
        this(mapper.copy(), List.of());
    }

    private Json(ObjectMapper base, @Nullable List<KombuTypesModule.TypeCodec> codecs) {
        this.base = base;
        this.codecs = codecs;
        this.mapper = base.copy();
        if (codecs != null) {
            mapper.registerModule(KombuTypesModule.create(codecs));
        }
        // A flush or close before the end would split or end the output of a compressor.
        mapper.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false)
                .configure(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM, false);
        this.writer = new JsonWriter(mapper);
    }

    /** Returns a serializer for Jackson's default JSON, without envelopes, for consumers other than Kombu. */
    public static Json plain() {
        return plain(new ObjectMapper()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .registerModule(KombuTypesModule.decimalLimits()));
    }

    /** Returns a serializer that uses a copy of this mapper, without envelopes. */
    public static Json plain(ObjectMapper mapper) {
        return new Json(mapper.copy(), null);
    }

    /**
     * Returns a copy that also writes and reads this class, as after Kombu's {@code register_type}.
     *
     * @param marker the {@code __type__} of the envelope; null to write the encoded value without an envelope
     * @param encode converts an instance to a value that JSON supports
     * @param decode converts that value to an instance
     * @throws IllegalStateException if this serializer was created by a {@code plain} method
     */
    public <T> Json with(
            Class<T> type, @Nullable String marker, Function<? super T, ?> encode, Function<Object, T> decode) {
        requireNonNull(encode, "encode");
        if (codecs == null) {
            throw new IllegalStateException("with: this Json has no envelopes (expected: a Json with envelopes)");
        }
        List<KombuTypesModule.TypeCodec> extended = new ArrayList<>(codecs);
        extended.add(new KombuTypesModule.TypeCodec(
                type, marker, value -> encode.apply(type.cast(value)), requireNonNull(decode, "decode")));
        return new Json(base, extended);
    }

    private static ObjectMapper kombuMapper() {
        ObjectMapper mapper = new ObjectMapper(JsonFactory.builder()
                        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                        .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                        // Faster than Double.toString of Java 17.
                        .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxStringLength(Integer.MAX_VALUE)
                                .build())
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        mapper.getSerializerProvider().setNullKeySerializer(new JsonSerializer<@Nullable Object>() {
            @Override
            public void serialize(@Nullable Object key, JsonGenerator out, SerializerProvider provider)
                    throws IOException {
                out.writeFieldName("null");
            }
        });
        return mapper;
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public Optional<String> contentEncoding() {
        return Optional.of("utf-8");
    }

    @Override
    public byte[] serialize(Object body) {
        return BodyBuffer.toByteArray(this, body);
    }

    @Override
    public void serialize(Object body, OutputStream out) throws IOException {
        try {
            writer.write(body, out);
        } catch (JsonProcessingException e) {
            throw cannotWrite(body, e);
        }
    }

    private static SerializationException cannotWrite(Object body, JsonProcessingException e) {
        String place = e instanceof JsonMappingException mapping ? mapping.getPathReference() : "";
        return new SerializationException(
                "body of " + body.getClass().getName() + " cannot be written as json: " + e.getOriginalMessage()
                        + (place.isEmpty() ? "" : ", at " + place),
                e);
    }

    /** Deserializes JSON; refuses malformed JSON and trailing content. */
    @Override
    public @Nullable Object deserialize(byte[] body) {
        return deserialize(body, Object.class);
    }

    /** Deserializes JSON into a record, a bean or any class that Jackson supports, and the envelopes within it. */
    @Override
    public <T> @Nullable T deserialize(byte[] body, Class<T> type) {
        try {
            return mapper.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw new DecodeException("body is not json: " + e.getOriginalMessage(), e);
        } catch (DecodeException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new DecodeException("body is not json: " + e.getMessage(), e);
        }
    }
}
