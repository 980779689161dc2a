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
 * JSON by Jackson that Kombu reads, and reads what Kombu writes: compact, UTF-8 where Kombu escapes, and what JSON has
 * no form for in an envelope, {@code {"__type__": "uuid",
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
 * <tr><td>bytes, base64</td><td>byte[] that is UTF-8, or not</td><td>byte[]</td></tr>
 * </table>
 *
 * <p>Times keep microseconds, as Python's do. Besides these it takes maps (whatever is a key becomes text, null becomes
 * {@code "null"}), collections, arrays, strings, numbers, booleans, records and beans, and gives maps in their order,
 * lists, strings, Integer, Long, BigInteger, Double, Boolean and null. {@code NaN} and the infinities are written and read
 * bare, as Python does, though they are no JSON. An object of exactly the two keys is always taken for an envelope; an
 * unknown type is refused. Nesting ends at 1000; a string may be as long as the body. Thread-safe and immutable.
 */
public final class Json implements Serializer {
    /** What was given: never changed. */
    private final ObjectMapper base;

    /** Null for no envelopes. */
    private final @Nullable List<Envelopes.Form> forms;

    private final ObjectMapper mapper;
    private final JsonWriter writer;

    /** Makes Kombu's JSON. */
    public Json() {
        this(standard(), List.of());
    }

    /** Makes Kombu's JSON with a copy of this mapper, in which the envelopes take precedence. */
    public Json(ObjectMapper mapper) {
        this(mapper.copy(), List.of());
    }

    private Json(ObjectMapper base, @Nullable List<Envelopes.Form> forms) {
        this.base = base;
        this.forms = forms;
        this.mapper = base.copy();
        if (forms != null) {
            mapper.registerModule(Envelopes.module(forms));
        }
        // A flush or a close on the way would cut what a compressor makes.
        mapper.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false)
                .configure(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM, false);
        this.writer = new JsonWriter(mapper);
    }

    /** Returns JSON as Jackson has it by default, without envelopes, for consumers that are not Kombu. */
    public static Json plain() {
        return plain(new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS));
    }

    /** Returns JSON as a copy of this mapper has it, without envelopes. */
    public static Json plain(ObjectMapper mapper) {
        return new Json(mapper.copy(), null);
    }

    /**
     * Returns a copy that writes and reads a class of your own, as Kombu's {@code register_type} has it.
     *
     * @param marker the {@code __type__}; null writes the encoded value without an envelope
     * @param encode makes what JSON has a form for
     * @param decode makes an instance of it
     * @throws IllegalStateException if this has no envelopes
     */
    public <T> Json with(
            Class<T> type, @Nullable String marker, Function<? super T, ?> encode, Function<Object, T> decode) {
        requireNonNull(encode, "encode");
        if (forms == null) {
            throw new IllegalStateException("with: a Json without envelopes (expected: one with them)");
        }
        List<Envelopes.Form> all = new ArrayList<>(forms);
        all.add(new Envelopes.Form(
                type, marker, value -> encode.apply(type.cast(value)), requireNonNull(decode, "decode")));
        return new Json(base, all);
    }

    private static ObjectMapper standard() {
        ObjectMapper mapper = new ObjectMapper(JsonFactory.builder()
                        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                        .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                        // Java 17's own way costs 90 nanoseconds more for a double of nine digits.
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
        try {
            return mapper.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw unwritable(body, e);
        }
    }

    @Override
    public void serialize(Object body, OutputStream out) throws IOException {
        try {
            writer.write(body, out);
        } catch (JsonProcessingException e) {
            throw unwritable(body, e);
        }
    }

    private static SerializationException unwritable(Object body, JsonProcessingException e) {
        return new SerializationException(
                "body of " + body.getClass().getName() + " cannot be written as json: " + e.getOriginalMessage(), e);
    }

    /** Turns JSON into a body; refuses trailing content and anything malformed. */
    @Override
    public @Nullable Object deserialize(byte[] body) {
        return deserialize(body, Object.class);
    }

    /** Turns JSON into a record, a bean or any class that Jackson knows; envelopes within it are understood. */
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
