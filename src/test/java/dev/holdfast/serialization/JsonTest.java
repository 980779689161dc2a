package dev.holdfast.serialization;

import static dev.holdfast.serialization.TestBytes.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

@ParameterizedClass
@EnumSource(JacksonLibrary.class)
class JsonTest {
    private static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final OffsetDateTime MOMENT = OffsetDateTime.parse("2015-10-21T07:28:00.123Z");

    private final JacksonLibrary library;
    private final Json json;

    JsonTest(JacksonLibrary library) {
        this.library = library;
        this.json = library.kombu();
    }

    /** Value, its envelope, and the value that is read from the envelope. */
    static Stream<Arguments> envelopes() {
        return Stream.of(
                envelope(MOMENT, "datetime", "\"2015-10-21T07:28:00.123000+00:00\"", MOMENT),
                envelope(MOMENT.toInstant(), "datetime", "\"2015-10-21T07:28:00.123000+00:00\"", MOMENT),
                envelope(
                        ZonedDateTime.of(2015, 10, 21, 7, 28, 0, 0, ZoneId.of("Europe/Paris")),
                        "datetime",
                        "\"2015-10-21T07:28:00+02:00\"",
                        OffsetDateTime.parse("2015-10-21T07:28:00+02:00")),
                envelope(
                        OffsetDateTime.parse("1900-01-01T00:00:00+01:02:03"),
                        "datetime",
                        "\"1900-01-01T00:00:00+01:02:03\"",
                        OffsetDateTime.parse("1900-01-01T00:00:00+01:02:03")),
                unchanged(LocalDateTime.parse("2015-10-21T07:28"), "datetime", "\"2015-10-21T07:28:00\""),
                envelope(
                        LocalDateTime.parse("2015-10-21T07:28:00.000001999"),
                        "datetime",
                        "\"2015-10-21T07:28:00.000001\"",
                        LocalDateTime.parse("2015-10-21T07:28:00.000001")),
                unchanged(LocalDate.parse("2015-10-21"), "date", "\"2015-10-21\""),
                unchanged(LocalTime.parse("07:28"), "time", "\"07:28:00\""),
                unchanged(LocalTime.parse("07:28:00.5"), "time", "\"07:28:00.500000\""),
                unchanged(OffsetTime.parse("07:28:00-03:00"), "time", "\"07:28:00-03:00\""),
                unchanged(new BigDecimal("3.140"), "decimal", "\"3.140\""),
                unchanged(new BigDecimal("1E+30"), "decimal", "\"1E+30\""),
                unchanged(ID, "uuid", "{\"hex\":\"00112233445566778899aabbccddeeff\"}"),
                unchanged(utf8("grüße"), "bytes", "\"grüße\""),
                unchanged(new byte[0], "bytes", "\"\""),
                unchanged(new byte[] {-1, 0}, "base64", "\"/wA=\""));
    }

    private static Arguments unchanged(Object value, String type, String json) {
        return envelope(value, type, json, value);
    }

    private static Arguments envelope(Object value, String type, String json, Object read) {
        return Arguments.of(value, "{\"__type__\":\"" + type + "\",\"__value__\":" + json + "}", read);
    }

    @ParameterizedTest
    @MethodSource("envelopes")
    void writesAndReadsKombusEnvelopes(Object value, String expected, Object read) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        json.serialize(List.of(value), out);

        assertThat(out.toString(UTF_8)).isEqualTo("[" + expected + "]");
        assertThat(new String(json.serialize(value), UTF_8)).isEqualTo(expected);
        assertThat(json.deserialize(utf8(expected))).isEqualTo(read);
        assertThat(json.deserialize(utf8("{\"a\":[" + expected + ",1]}")))
                .usingRecursiveComparison()
                .isEqualTo(Map.of("a", List.of(read, 1)));
    }

    @Test
    void readsJsonOfOldKombuAndOfPython() {
        assertThat(read("{\"__type__\": \"uuid\", \"__value__\": {\"hex\": \"00112233445566778899aabbccddeeff\", "
                        + "\"version\": 4}}"))
                .isEqualTo(ID);
        assertThat(read("{\"__value__\": \"\", \"__type__\": \"base64\"}")).isEqualTo(new byte[0]);
        assertThat(read("[NaN, Infinity, -Infinity]"))
                .isEqualTo(List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
        assertThat(write(List.of(Double.NaN, Double.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)))
                .isEqualTo("[NaN,Infinity,-Infinity]");
        assertThat(read("null")).isNull();
        assertThat(read("\"\\u00fc\"")).isEqualTo("ü");
    }

    @Test
    void onlyAnObjectOfExactlyTheTwoKeysIsAnEnvelope() {
        Map<String, Object> threeKeys = Map.of("__type__", "date", "__value__", "x", "more", 1);
        assertThat(read(write(threeKeys))).isEqualTo(threeKeys);
        assertThat(read("{\"__type__\":\"date\"}")).isEqualTo(Map.of("__type__", "date"));
        for (String malformed : List.of(
                "{\"__type__\":\"complex\",\"__value__\":1}",
                "{\"__type__\":7,\"__value__\":1}",
                "{\"__type__\":null,\"__value__\":1}",
                "{\"__type__\":\"date\",\"__value__\":7}",
                "{\"__type__\":\"date\",\"__value__\":\"2015-13-01\"}",
                "{\"__type__\":\"uuid\",\"__value__\":{\"hex\":\"12\"}}",
                "{\"__type__\":\"base64\",\"__value__\":\"?\"}",
                "[".repeat(1001) + "]".repeat(1001),
                "{",
                "1 2")) {
            assertThatExceptionOfType(DecodeException.class)
                    .as(malformed)
                    .isThrownBy(() -> read(malformed))
                    .satisfies(e -> assertThat(e.recoverable()).isFalse());
        }
    }

    @Test
    void keepsNumbersAndKeyOrder() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("z", 1);
        map.put("a", 1L << 40);
        map.put("m", BigInteger.TWO.pow(100));
        map.put("d", 0.1);
        map.put("n", null);
        Map<?, ?> read = (Map<?, ?>) read(write(map));

        assertThat(read).isEqualTo(map);
        assertThat(List.copyOf(read.keySet())).isEqualTo(List.of("z", "a", "m", "d", "n"));
        Map<Object, Object> nullKey = new HashMap<>();
        nullKey.put(null, 1);
        assertThat(write(nullKey)).isEqualTo("{\"null\":1}");
        assertThat(write(Map.of(1, 2))).isEqualTo("{\"1\":2}");
    }

    @Test
    void stringLengthIsUnlimitedAndDepthIsLimited() {
        String text = "ü".repeat(25 << 20);
        assertThat(read(write(List.of(text)))).isEqualTo(List.of(text));
        Object deep = 1;
        for (int i = 0; i < 1100; i++) {
            deep = Arrays.asList(deep);
        }
        Object tooDeep = deep;
        assertThatExceptionOfType(SerializationException.class).isThrownBy(() -> write(tooDeep));
        assertThatExceptionOfType(SerializationException.class)
                .isThrownBy(() -> write(LocalDate.of(10_000, 1, 1)))
                .withMessageContaining("year: 10000 (expected: 1 to 9999)");
    }

    @SuppressWarnings("ArrayRecordComponent") // compared field by field
    record Order(
            UUID id,
            Instant at,
            ZonedDateTime zoned,
            OffsetDateTime offset,
            LocalDateTime naive,
            LocalDate day,
            LocalTime time,
            BigDecimal price,
            byte[] data,
            Map<String, Object> more,
            List<Order> parts) {}

    @Test
    void recordsAreWrittenAndReadWithEnvelopes() {
        Order part = new Order(null, null, null, null, null, null, null, new BigDecimal("0.10"), null, null, null);
        Order order = new Order(
                ID,
                MOMENT.toInstant(),
                MOMENT.toZonedDateTime(),
                MOMENT,
                MOMENT.toLocalDateTime(),
                MOMENT.toLocalDate(),
                MOMENT.toLocalTime(),
                new BigDecimal("3.140"),
                new byte[] {-1},
                Map.of("id", ID),
                List.of(part));
        byte[] bytes = json.serialize(order);

        assertThat(json.deserialize(bytes, Order.class))
                .usingRecursiveComparison()
                .isEqualTo(order);
        assertThat(((Map<?, ?>) json.deserialize(bytes)).get("price")).isEqualTo(new BigDecimal("3.140"));
        Order withoutEnvelopes = json.deserialize(
                utf8("{\"id\":\"" + ID + "\",\"at\":\"2015-10-21T07:28:00.123Z\",\"day\":\"2015-10-21\","
                        + "\"price\":3.14000000000000000001,\"data\":\"/w==\"}"),
                Order.class);
        assertThat(withoutEnvelopes.id()).isEqualTo(ID);
        assertThat(withoutEnvelopes.at()).isEqualTo(MOMENT.toInstant());
        assertThat(withoutEnvelopes.day()).isEqualTo("2015-10-21");
        assertThat(withoutEnvelopes.price()).isEqualTo("3.14000000000000000001");
        assertThat(withoutEnvelopes.data()).containsExactly(-1);
        for (String malformed :
                List.of("{\"id\":7}", "{\"day\":\"x\"}", "{\"unknown\":1}", "[]", "{\"price\":\"x\"}")) {
            assertThatExceptionOfType(DecodeException.class)
                    .as(malformed)
                    .isThrownBy(() -> json.deserialize(utf8(malformed), Order.class));
        }
    }

    record Money(long cents) {}

    record Invoice(Money total) {}

    @Test
    void customTypeIsRegisteredInACopy() {
        Json withMoney =
                json.with(Money.class, "money", Money::cents, cents -> new Money(((Number) cents).longValue()));
        String expected = "{\"__type__\":\"money\",\"__value__\":7}";

        assertThat(new String(withMoney.serialize(new Money(7)), UTF_8)).isEqualTo(expected);
        assertThat(withMoney.deserialize(utf8(expected))).isEqualTo(new Money(7));
        assertThat(withMoney.deserialize(withMoney.serialize(new Invoice(new Money(8))), Invoice.class))
                .isEqualTo(new Invoice(new Money(8)));
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> read(expected));
        Json withoutMarker =
                json.with(Money.class, null, Money::cents, cents -> new Money(((Number) cents).longValue()));
        assertThat(new String(withoutMarker.serialize(new Invoice(new Money(9))), UTF_8))
                .isEqualTo("{\"total\":9}");
        assertThat(withoutMarker.deserialize(utf8("{\"total\":9}"), Invoice.class))
                .isEqualTo(new Invoice(new Money(9)));
    }

    @Test
    void plainFormHasNoEnvelopes() {
        assertThat(new String(library.plain().serialize(ID), UTF_8)).isEqualTo("\"" + ID + "\"");
        assertThatIllegalStateException()
                .isThrownBy(() -> library.plain().with(Money.class, "money", Money::cents, cents -> new Money(0)));
    }

    private Object read(String text) {
        return json.deserialize(utf8(text));
    }

    private String write(Object value) {
        return new String(json.serialize(value), UTF_8);
    }
}
