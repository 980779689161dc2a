package dev.holdfast.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.DecodeException;
import dev.holdfast.internal.text.IsoTime;
import dev.holdfast.internal.text.NumberLimits;
import dev.holdfast.internal.text.Utf8;
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
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the values of java.time, UUID, BigDecimal, byte[] and classes of the application are written and read: as plain
 * JSON, or in Kombu's envelopes, {@code {"__type__": marker, "__value__": value}}. Both forms are read by either.
 * Immutable.
 */
final class KombuTypes {
    static final String TYPE = "__type__";
    static final String VALUE = "__value__";

    /** Decoders of the value of an envelope, by marker. */
    private static final Map<String, Function<Object, ?>> DECODERS = Map.of(
            "datetime", value -> IsoTime.parseDateTime((String) value),
            "date", value -> LocalDate.parse((String) value),
            "time", value -> IsoTime.parseTime((String) value),
            "decimal", value -> NumberLimits.decimal((String) value),
            "uuid", KombuTypes::parseUuid,
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

    private final boolean plain;

    /** Later ones take precedence. */
    private final List<Codec> codecs;

    /** Decoders of the value of an envelope, by marker. */
    private final Map<String, Function<Object, ?>> decoders;

    private KombuTypes(boolean plain, List<Codec> codecs, Map<String, Function<Object, ?>> decoders) {
        this.plain = plain;
        this.codecs = codecs;
        this.decoders = decoders;
    }

    /** @param plain whether values are written without envelopes, and an unknown marker makes no envelope */
    static KombuTypes standard(boolean plain) {
        List<Codec> codecs = new ArrayList<>();
        MARKERS.forEach((type, marker) -> {
            boolean temporal = Temporal.class.isAssignableFrom(type);
            Function<Object, ?> encode = plain ? IsoTime::formatPlain : KombuTypes::encode;
            boolean written = !plain || temporal; // else Jackson writes it: a number, text, base64
            codecs.add(new Codec(type, plain ? null : marker, encode, value -> decode(type, marker, value), written));
        });
        TEXT_TYPES.forEach((type, parse) -> codecs.add(new Codec(
                type,
                null,
                value -> value instanceof Year year ? (Object) year.getValue() : value.toString(),
                value -> parse.apply(value.toString()),
                true)));
        return new KombuTypes(plain, codecs, DECODERS);
    }

    KombuTypes with(Codec codec) {
        List<Codec> extended = new ArrayList<>(codecs);
        extended.add(codec);
        Map<String, Function<Object, ?>> markers = new HashMap<>(decoders);
        if (codec.marker != null) {
            markers.put(codec.marker, codec.decode);
        }
        return new KombuTypes(plain, extended, markers);
    }

    boolean isPlain() {
        return plain;
    }

    List<Codec> codecs() {
        return codecs;
    }

    /** A value and its marker, which are written as an object of two keys. */
    static final class Envelope {
        final String type;
        final @Nullable Object value;

        Envelope(String type, @Nullable Object value) {
            this.type = type;
            this.value = value;
        }
    }

    /**
     * Conversion of a class to and from a JSON value.
     *
     * @param marker of the envelope in which the value is written; null for none
     * @param written whether the codec writes the class; otherwise Jackson does
     */
    record Codec(
            Class<?> type,
            @Nullable String marker,
            Function<Object, ?> encode,
            Function<Object, ?> decode,
            boolean written) {
        /** Returns an {@link Envelope}, or a value to be written without one. */
        @Nullable
        Object toJson(Object value) {
            Object encoded = encode.apply(value);
            return marker == null || encoded instanceof Envelope ? encoded : new Envelope(marker, encoded);
        }

        /** Converts a value that was read, with or without an envelope. The result may be of another class. */
        @Nullable
        Object fromJson(@Nullable Object value) {
            return type.isInstance(value) ? value : decode.apply(value);
        }

        /** Whether Jackson 2 has no conversion of its own for keys of this class. */
        boolean isJavaTime() {
            return type.getName().startsWith("java.time.");
        }
    }

    /** Decodes an object of no declared class if it has exactly the two keys of an envelope. */
    @Nullable
    Object decodeEnvelope(@Nullable Object object) {
        if (!(object instanceof Map<?, ?> map)
                || map.size() != 2
                || !map.containsKey(TYPE)
                || !map.containsKey(VALUE)) {
            return object;
        }
        Object marker = map.get(TYPE);
        Function<Object, ?> decoder = marker instanceof String ? decoders.get(marker) : null;
        if (decoder != null) {
            return decoder.apply(map.get(VALUE));
        }
        if (plain) {
            return object;
        }
        throw new DecodeException(TYPE + ": " + marker + " (expected: one of " + decoders.keySet() + ")", null);
    }

    private static Object encode(Object value) {
        if (value instanceof byte[] bytes) {
            String text = Utf8.decode(bytes);
            return text == null
                    ? new Envelope("base64", Base64.getEncoder().encodeToString(bytes))
                    : new Envelope("bytes", text);
        }
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
}
