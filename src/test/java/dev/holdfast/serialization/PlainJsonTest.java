package dev.holdfast.serialization;

import static dev.holdfast.serialization.TestBytes.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
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
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.Temporal;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The serializer json writes plain JSON, and kombu-json Kombu's envelopes; each reads both. */
@ParameterizedClass
@EnumSource(JacksonLibrary.class)
class PlainJsonTest {
    private static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final Instant INSTANT = Instant.parse("2015-10-21T07:28:00.123456789Z");

    private final Json json;
    private final Json kombu;

    PlainJsonTest(JacksonLibrary library) {
        this.json = library.plain();
        this.kombu = library.kombu();
    }

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(INSTANT, "\"2015-10-21T07:28:00.123456789Z\""),
                Arguments.of(INSTANT.atOffset(ZoneOffset.UTC), "\"2015-10-21T07:28:00.123456789Z\""),
                Arguments.of(OffsetDateTime.parse("2015-10-21T07:28+02:00"), "\"2015-10-21T07:28:00+02:00\""),
                Arguments.of(LocalDateTime.parse("2015-10-21T07:28"), "\"2015-10-21T07:28:00\""),
                Arguments.of(LocalDate.parse("2015-10-21"), "\"2015-10-21\""),
                Arguments.of(LocalTime.parse("07:28"), "\"07:28:00\""),
                Arguments.of(OffsetTime.parse("07:28:00.5-03:00"), "\"07:28:00.5-03:00\""),
                Arguments.of(Duration.ofMillis(1500), "\"PT1.5S\""),
                Arguments.of(Period.ofMonths(3), "\"P3M\""),
                Arguments.of(Year.of(2015), "2015"),
                Arguments.of(YearMonth.of(2015, 10), "\"2015-10\""),
                Arguments.of(MonthDay.of(10, 21), "\"--10-21\""),
                Arguments.of(ZoneId.of("Europe/Paris"), "\"Europe/Paris\""),
                Arguments.of(ZoneOffset.ofHours(2), "\"+02:00\""),
                Arguments.of(new BigDecimal("3.140"), "3.140"),
                Arguments.of(new BigDecimal("1E+30"), "1E+30"),
                Arguments.of(ID, "\"" + ID + "\""),
                Arguments.of(new byte[] {-1, 0}, "\"/wA=\""),
                Arguments.of(Double.NaN, "\"NaN\""),
                Arguments.of(Double.NEGATIVE_INFINITY, "\"-Infinity\""));
    }

    @ParameterizedTest
    @MethodSource("values")
    void jsonWritesWhatEveryReaderKnowsAndReadsItByClass(Object value, String expected) {
        assertThat(write(json, List.of(value))).isEqualTo("[" + expected + "]");
        Class<?> type = value instanceof ZoneId && !(value instanceof ZoneOffset) ? ZoneId.class : value.getClass();
        assertThat((Object) json.deserialize(utf8(expected), type)).isEqualTo(value);
    }

    @ParameterizedTest
    @MethodSource("values")
    void eachFormReadsTheOther(Object value, String plain) {
        Class<?> type = value instanceof ZoneId && !(value instanceof ZoneOffset) ? ZoneId.class : value.getClass();
        assertThat((Object) kombu.deserialize(utf8(plain), type)).isEqualTo(value);
        Object inMicros = value instanceof Temporal temporal && temporal.isSupported(ChronoUnit.MICROS)
                ? temporal.with(ChronoField.MICRO_OF_SECOND, temporal.get(ChronoField.MICRO_OF_SECOND))
                : value;
        assertThat((Object) json.deserialize(kombu.serialize(value), type)).isEqualTo(inMicros);
    }

    @SuppressWarnings("ArrayRecordComponent") // compared field by field
    record Order(
            UUID id,
            BigDecimal price,
            Instant at,
            ZonedDateTime zoned,
            LocalDate day,
            Duration pause,
            Year year,
            byte[] data,
            Map<LocalDate, Integer> perDay) {}

    @Test
    @SuppressWarnings("JavaUtilDate") // applications have it in their classes
    void recordIsPlainByDefaultAndReadBackEqual() {
        Order order = new Order(
                ID,
                new BigDecimal("3.14000000000000000001"),
                INSTANT,
                INSTANT.atZone(ZoneOffset.ofHours(1)),
                LocalDate.parse("2015-10-21"),
                Duration.ofDays(1),
                Year.of(2015),
                new byte[] {1, 2},
                Map.of(LocalDate.parse("2015-10-21"), 1));
        SerializerRegistry serializers = SerializerRegistry.standard().with("json", json);
        EncodedBody encoded =
                new BodyEncoder(serializers, CompressorRegistry.standard()).encode(order, null, null, null, null);
        assertThat(new String(encoded.bytes(), UTF_8))
                .isEqualTo("{\"id\":\"" + ID + "\",\"price\":3.14000000000000000001,"
                        + "\"at\":\"2015-10-21T07:28:00.123456789Z\","
                        + "\"zoned\":\"2015-10-21T08:28:00.123456789+01:00\",\"day\":\"2015-10-21\","
                        + "\"pause\":\"PT24H\",\"year\":2015,\"data\":\"AQI=\",\"perDay\":{\"2015-10-21\":1}}");
        assertThat(json.deserialize(encoded.bytes(), Order.class))
                .usingRecursiveComparison()
                .isEqualTo(order);
        assertThat(kombu.deserialize(encoded.bytes(), Order.class))
                .usingRecursiveComparison()
                .isEqualTo(order);
        assertThat(json.deserialize(kombu.serialize(order), Order.class).price())
                .isEqualTo(order.price());
        assertThat(write(json, new Date(0))).isEqualTo("\"1970-01-01T00:00:00.000+00:00\"");
    }

    @Test
    void valuesOfJsonAreTheSameInBothForms() {
        Object value = Arrays.asList(
                Map.of("a", 1), 1, 1L << 40, 0.1, true, null, "ü", new int[] {1}, List.of(Map.of()), 1e300);
        assertThat(write(json, value)).isEqualTo(write(kombu, value));
        assertThat(json.deserialize(utf8("[NaN,Infinity]"))).isEqualTo(List.of(Double.NaN, Double.POSITIVE_INFINITY));
    }

    @Test
    void plainFormReadsEnvelopesAndKeepsObjectsThatLookLikeThem() {
        assertThat(json.deserialize(kombu.serialize(List.of(ID, new BigDecimal("3.140")))))
                .isEqualTo(List.of(ID, new BigDecimal("3.140")));
        Map<String, Object> own = Map.of("__type__", "Order", "__value__", 7);
        assertThat(json.deserialize(json.serialize(own))).isEqualTo(own);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> json.deserialize(utf8("{\"__type__\":\"date\",\"__value__\":\"x\"}")));
    }

    record Price(Object amount) {}

    record Exact(BigDecimal amount) {}

    @Test
    void decimalsOfPythonThatAreNotFiniteAreDoubles() {
        Map<String, Double> special = Map.of(
                "NaN", Double.NaN,
                "-NaN", Double.NaN,
                "sNaN123", Double.NaN,
                "Infinity", Double.POSITIVE_INFINITY,
                "-Infinity", Double.NEGATIVE_INFINITY,
                "inf", Double.POSITIVE_INFINITY);
        special.forEach((text, value) -> {
            byte[] body = utf8("{\"amount\":{\"__type__\":\"decimal\",\"__value__\":\"" + text + "\"}}");
            for (Serializer serializer : List.of(json, kombu)) {
                assertThat(serializer.deserialize(body)).as(text).isEqualTo(Map.of("amount", value));
                assertThat(serializer.deserialize(body, Price.class).amount()).isEqualTo(value);
                assertThatExceptionOfType(DecodeException.class)
                        .isThrownBy(() -> serializer.deserialize(body, Exact.class))
                        .withMessageContaining("cannot be created from " + value);
            }
        });
        assertThat(json.deserialize(utf8("{\"amount\":1}"), Price.class).amount())
                .isEqualTo(1);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> json.deserialize(utf8("{\"__type__\":\"decimal\",\"__value__\":\"nanu\"}")));
    }

    @Test
    void pickledDecimalsThatAreNotFiniteAreDoubles() {
        byte[] pickle = "cdecimal\nDecimal\n(S'-Infinity'\ntR.".getBytes(UTF_8);
        assertThat(SerializerRegistry.standard().get("pickle").deserialize(pickle))
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    record Money(long cents) {}

    @Test
    void plainJsonTakesTypesOfItsOwnWithoutAMarker() {
        Json own = json.with(Money.class, null, Money::cents, value -> new Money(((Number) value).longValue()));
        assertThat(write(own, List.of(new Money(7)))).isEqualTo("[7]");
        assertThat(own.deserialize(utf8("7"), Money.class)).isEqualTo(new Money(7));
    }

    @Test
    void yearsThatOtherReadersDoNotKnowAreRefused() {
        for (Object value : List.of(Instant.MAX, LocalDate.of(10_000, 1, 1), OffsetDateTime.MIN)) {
            assertThatExceptionOfType(SerializationException.class)
                    .isThrownBy(() -> json.serialize(value))
                    .withMessageContaining("(expected: 1 to 9999)");
        }
    }

    private static String write(Serializer serializer, Object value) {
        return new String(serializer.serialize(value), UTF_8);
    }
}
