package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.deser.std.UntypedObjectDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.holdfast.DecodeException;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZonedDateTime;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Kombu's envelopes {@code {"__type__": marker, "__value__": value}} as a module of Jackson. */
final class Envelopes {
    private static final String TYPE = "__type__";
    private static final String VALUE = "__value__";

    /** What reading makes of a value, by the marker. */
    private static final Map<String, Function<Object, ?>> DECODERS = Map.of(
            "datetime", value -> IsoTime.dateTime((String) value),
            "date", value -> LocalDate.parse((String) value),
            "time", value -> IsoTime.time((String) value),
            "decimal", value -> new BigDecimal((String) value),
            "uuid", Envelopes::uuid,
            "bytes", value -> ((String) value).getBytes(UTF_8),
            "base64", value -> Base64.getDecoder().decode((String) value));

    /** The classes that are written in an envelope, and its marker; that of bytes depends on them. */
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

    private Envelopes() {}

    /** How a class goes through JSON; a null marker is no envelope. */
    record Form(Class<?> type, @Nullable String marker, Function<Object, ?> encode, Function<Object, ?> decode) {}

    /** The module for these forms and Kombu's own, which the former may replace. */
    static SimpleModule module(List<Form> forms) {
        SimpleModule module = new SimpleModule("holdfast");
        Map<String, Function<Object, ?>> decoders = new HashMap<>(DECODERS);
        MARKERS.forEach((type, marker) ->
                add(module, new Form(type, marker, Envelopes::encode, value -> convert(type, marker, value))));
        for (Form form : forms) {
            add(module, form);
            if (form.marker != null) {
                decoders.put(form.marker, form.decode);
            }
        }
        return module.addDeserializer(Object.class, new Untyped(decoders));
    }

    @SuppressWarnings("unchecked")
    private static void add(SimpleModule module, Form form) {
        Class<Object> type = (Class<Object>) form.type;
        module.addSerializer(type, new Writer(form));
        module.addDeserializer(type, new Reader(form));
    }

    private static Object encode(Object value) {
        if (value instanceof UUID) {
            return Map.of("hex", value.toString().replace("-", ""));
        }
        return value instanceof BigDecimal ? value.toString() : IsoTime.format(value);
    }

    private static UUID uuid(Object value) {
        Object text = value instanceof Map<?, ?> map ? map.get("hex") : value;
        String hex = String.valueOf(text).replace("-", "");
        if (hex.length() != 32) {
            throw new DecodeException("uuid: " + value + " (expected: 32 hexadecimal digits)", null);
        }
        return new UUID(Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
    }

    /** What was read, out of an envelope or without one, as one of Kombu's classes or what has the same meaning. */
    private static Object convert(Class<?> type, String marker, Object value) {
        Function<Object, ?> decoder = DECODERS.get(marker);
        Object read = value instanceof String && decoder != null ? decoder.apply(value) : value;
        if (read instanceof OffsetDateTime dateTime && type == Instant.class) {
            return dateTime.toInstant();
        }
        return read instanceof OffsetDateTime dateTime && type == ZonedDateTime.class
                ? dateTime.toZonedDateTime()
                : read;
    }

    /** Writes one class. */
    private static final class Writer extends StdSerializer<Object> {
        private static final long serialVersionUID = 1L;
        private final transient Form form;

        Writer(Form form) {
            super(Object.class);
            this.form = form;
        }

        @Override
        public void serialize(Object value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (form.marker == null) {
                provider.defaultSerializeValue(form.encode.apply(value), out);
            } else if (value instanceof byte[] bytes && form.type == byte[].class) {
                String text = TextCodec.utf8(bytes);
                write(text == null ? "base64" : "bytes", text == null ? base64(bytes) : text, out, provider);
            } else {
                write(form.marker, form.encode.apply(value), out, provider);
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

    /** Reads one class where it is asked for, as the component of a record: with its envelope or without. */
    private static final class Reader extends StdDeserializer<Object> {
        private static final long serialVersionUID = 1L;
        private final transient Form form;

        Reader(Form form) {
            super(form.type);
            this.form = form;
        }

        @Override
        public Object deserialize(JsonParser in, DeserializationContext context) throws IOException {
            JsonToken token = in.currentToken();
            Object value = token.isNumeric() && form.type == BigDecimal.class
                    ? in.getDecimalValue()
                    : context.readValue(in, Object.class);
            Object read = form.type.isInstance(value) ? value : form.decode.apply(value);
            if (!form.type.isInstance(read)) {
                return context.reportInputMismatch(form.type, "cannot be made of %s", value);
            }
            return read;
        }
    }

    /** Reads what comes; an object of exactly the two keys is what its envelope says. */
    private static final class Untyped extends UntypedObjectDeserializer {
        private static final long serialVersionUID = 1L;
        private final transient Map<String, Function<Object, ?>> decoders;

        Untyped(Map<String, Function<Object, ?>> decoders) {
            super((JavaType) null, null);
            this.decoders = decoders;
        }

        @Override
        protected @Nullable Object mapObject(JsonParser in, DeserializationContext context) throws IOException {
            Object read = super.mapObject(in, context);
            if (!(read instanceof Map<?, ?> map)
                    || map.size() != 2
                    || !map.containsKey(TYPE)
                    || !map.containsKey(VALUE)) {
                return read;
            }
            Object marker = map.get(TYPE);
            Function<Object, ?> decoder = marker instanceof String ? decoders.get(marker) : null;
            if (decoder == null) {
                throw new DecodeException(TYPE + ": " + marker + " (expected: one of " + decoders.keySet() + ")", null);
            }
            return decoder.apply(map.get(VALUE));
        }
    }
}
