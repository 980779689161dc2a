package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.deser.std.UntypedObjectDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.holdfast.DecodeException;
import dev.holdfast.internal.text.Utf8;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.Temporal;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Jackson module for the values of java.time, UUID, BigDecimal and byte[]. Reads them from plain JSON and from Kombu's
 * envelopes, {@code {"__type__": marker, "__value__": value}}. Writes either form.
 */
final class KombuTypesModule {
    private static final String TYPE = "__type__";
    private static final String VALUE = "__value__";

    /** Decoders of the value of an envelope, by marker. */
    private static final Map<String, Function<Object, ?>> DECODERS = Map.of(
            "datetime", value -> IsoTime.parseDateTime((String) value),
            "date", value -> LocalDate.parse((String) value),
            "time", value -> IsoTime.parseTime((String) value),
            "decimal", value -> NumberLimits.decimal((String) value),
            "uuid", KombuTypesModule::parseUuid,
            "bytes", value -> ((String) value).getBytes(UTF_8),
            "base64", value -> Base64.getDecoder().decode((String) value));

    /** Markers by the class that is written. A byte[] is written as "bytes" if it is valid UTF-8. */
    private static final Map<Class<?>, String> MARKERS = Map.of(
            OffsetDateTime.class, "datetime",
            ZonedDateTime.class, "datetime",
            Instant.class, "datetime",
            LocalDateTime.class, "datetime",
            LocalDate.class, "date",
            LocalTime.class, "time",
            OffsetTime.class, "time",
            BigDecimal.class, "decimal",
            UUID.class, "uuid",
            byte[].class, "base64");

    /** Types that Kombu does not have, by how they are read. Both forms write them as text, a year as a number. */
    private static final Map<Class<?>, Function<String, ?>> TEXT_TYPES = Map.of(
            Duration.class, Duration::parse,
            Period.class, Period::parse,
            YearMonth.class, YearMonth::parse,
            MonthDay.class, MonthDay::parse,
            Year.class, Year::parse,
            ZoneId.class, ZoneId::of,
            ZoneOffset.class, ZoneOffset::of);

    private KombuTypesModule() {}

    /** Conversion of a class to and from a JSON value; written without an envelope if the marker is null. */
    record TypeCodec(Class<?> type, @Nullable String marker, Function<Object, ?> encode, Function<Object, ?> decode) {}

    /**
     * Creates the module for these codecs, which take precedence, and the types above.
     *
     * @param plain whether values are written without envelopes, and an object with an unknown marker is no envelope
     */
    static SimpleModule create(List<TypeCodec> codecs, boolean plain) {
        SimpleModule module = new SimpleModule("holdfast");
        Map<String, Function<Object, ?>> decoders = new HashMap<>(DECODERS);
        MARKERS.forEach((type, marker) -> {
            boolean temporal = Temporal.class.isAssignableFrom(type);
            Function<Object, ?> encode = plain ? IsoTime::formatPlain : KombuTypesModule::encode;
            TypeCodec codec = new TypeCodec(type, plain ? null : marker, encode, value -> decode(type, marker, value));
            add(module, codec, !plain || temporal); // else Jackson writes it: a number, text, base64
        });
        TEXT_TYPES.forEach((type, parse) -> add(
                module,
                new TypeCodec(
                        type,
                        null,
                        value -> value instanceof Year year ? (Object) year.getValue() : value.toString(),
                        value -> parse.apply(value.toString())),
                true));
        for (TypeCodec codec : codecs) {
            add(module, codec, true);
            if (codec.marker != null) {
                decoders.put(codec.marker, codec.decode);
            }
        }
        return module.addDeserializer(Object.class, new UntypedDeserializer(decoders, plain));
    }

    @SuppressWarnings("unchecked")
    private static void add(SimpleModule module, TypeCodec codec, boolean written) {
        Class<Object> type = (Class<Object>) codec.type;
        if (codec.type.getName().startsWith("java.time.")) { // Jackson has key deserializers for the others
            module.addKeyDeserializer(type, new TextKeyDeserializer(codec));
        }
        if (written) {
            module.addSerializer(type, new EnvelopeSerializer(codec));
        }
        module.addDeserializer(type, new EnvelopeDeserializer(codec));
    }

    private static Object encode(Object value) {
        if (value instanceof UUID) {
            return Map.of("hex", value.toString().replace("-", ""));
        }
        return value instanceof BigDecimal decimal
                ? NumberLimits.requireReadable(decimal).toString()
                : IsoTime.format(value);
    }

    private static UUID parseUuid(Object value) {
        Object text = value instanceof Map<?, ?> map ? map.get("hex") : value;
        String hex = String.valueOf(text).replace("-", "");
        if (hex.length() != 32) {
            throw new DecodeException(
                    "uuid of " + hex.length() + " characters (expected: 32 hexadecimal digits)", null);
        }
        return new UUID(Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
    }

    /** Decodes a string, or takes a value already decoded from its envelope, and converts it to the class if it can. */
    private static Object decode(Class<?> type, String marker, Object value) {
        Function<Object, ?> decoder = DECODERS.get(marker);
        Object decoded = value instanceof String && decoder != null ? decoder.apply(value) : value;
        if (decoded instanceof OffsetDateTime dateTime && type == Instant.class) {
            return dateTime.toInstant();
        }
        return decoded instanceof OffsetDateTime dateTime && type == ZonedDateTime.class
                ? dateTime.toZonedDateTime()
                : decoded;
    }

    /** Writes the instances of a class, in envelopes if the codec has a marker. */
    private static final class EnvelopeSerializer extends StdSerializer<Object> {
        private static final long serialVersionUID = 1L;
        private final transient TypeCodec codec;

        EnvelopeSerializer(TypeCodec codec) {
            super(Object.class);
            this.codec = codec;
        }

        @Override
        public void serialize(Object value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (codec.marker == null) {
                provider.defaultSerializeValue(codec.encode.apply(value), out);
            } else if (value instanceof byte[] bytes && codec.type == byte[].class) {
                String text = Utf8.decode(bytes);
                write(text == null ? "base64" : "bytes", text == null ? base64(bytes) : text, out, provider);
            } else {
                write(codec.marker, codec.encode.apply(value), out, provider);
            }
        }

        private static String base64(byte[] bytes) {
            return Base64.getEncoder().encodeToString(bytes);
        }

        private static void write(String marker, @Nullable Object value, JsonGenerator out, SerializerProvider provider)
                throws IOException {
            out.writeStartObject();
            out.writeStringField(TYPE, marker);
            provider.defaultSerializeField(VALUE, value, out);
            out.writeEndObject();
        }
    }

    /** Reads an instance of a declared class, such as that of a record's component, with or without an envelope. */
    private static final class EnvelopeDeserializer extends StdDeserializer<Object> {
        private static final long serialVersionUID = 1L;
        private final transient TypeCodec codec;

        EnvelopeDeserializer(TypeCodec codec) {
            super(codec.type);
            this.codec = codec;
        }

        @Override
        public Object deserialize(JsonParser in, DeserializationContext context) throws IOException {
            JsonToken token = in.currentToken();
            Object value = token.isNumeric() && codec.type == BigDecimal.class
                    ? NumberLimits.check(in.getDecimalValue())
                    : context.readValue(in, Object.class);
            Object decoded = codec.type.isInstance(value) ? value : codec.decode.apply(value);
            if (!codec.type.isInstance(decoded)) {
                return context.reportInputMismatch(codec.type, "cannot be created from %s", value);
            }
            return decoded;
        }
    }

    private static final class TextKeyDeserializer extends KeyDeserializer {
        private final TypeCodec codec;

        TextKeyDeserializer(TypeCodec codec) {
            this.codec = codec;
        }

        @Override
        public Object deserializeKey(String key, DeserializationContext context) {
            return codec.decode.apply(key);
        }
    }

    /** Reads a value of no declared class; decodes an object with exactly the two keys of an envelope. */
    private static final class UntypedDeserializer extends UntypedObjectDeserializer {
        private static final long serialVersionUID = 1L;
        private final transient Map<String, Function<Object, ?>> decoders;
        private final boolean lenient;

        UntypedDeserializer(Map<String, Function<Object, ?>> decoders, boolean lenient) {
            super((JavaType) null, null);
            this.decoders = decoders;
            this.lenient = lenient;
        }

        /** Reads decimals only if the mapper is configured so. */
        @Override
        public @Nullable Object deserialize(JsonParser in, DeserializationContext context) throws IOException {
            Object value = super.deserialize(in, context);
            return value instanceof BigDecimal decimal ? NumberLimits.check(decimal) : value;
        }

        @Override
        protected @Nullable Object mapObject(JsonParser in, DeserializationContext context) throws IOException {
            Object object = super.mapObject(in, context);
            if (!(object instanceof Map<?, ?> map)
                    || map.size() != 2
                    || !map.containsKey(TYPE)
                    || !map.containsKey(VALUE)) {
                return object;
            }
            Object marker = map.get(TYPE);
            Function<Object, ?> decoder = marker instanceof String ? decoders.get(marker) : null;
            if (decoder == null && lenient) {
                return object;
            }
            if (decoder == null) {
                throw new DecodeException(TYPE + ": " + marker + " (expected: one of " + decoders.keySet() + ")", null);
            }
            return decoder.apply(map.get(VALUE));
        }
    }
}
