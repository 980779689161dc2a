package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {
    private static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final OffsetDateTime MOMENT = OffsetDateTime.parse("2015-10-21T07:28:00.123Z");

    private final Json json = new Json();

    /** Value, type and value of its envelope, what reading gives. */
    static Stream<Arguments> envelopes() {
        return Stream.of(
                vector(MOMENT, "datetime", "\"2015-10-21T07:28:00.123000+00:00\"", MOMENT),
                vector(MOMENT.toInstant(), "datetime", "\"2015-10-21T07:28:00.123000+00:00\"", MOMENT),
                vector(
                        ZonedDateTime.of(2015, 10, 21, 7, 28, 0, 0, ZoneId.of("Europe/Paris")),
                        "datetime",
                        "\"2015-10-21T07:28:00+02:00\"",
                        OffsetDateTime.parse("2015-10-21T07:28:00+02:00")),
                vector(
                        OffsetDateTime.parse("1900-01-01T00:00:00+01:02:03"),
                        "datetime",
                        "\"1900-01-01T00:00:00+01:02:03\"",
                        OffsetDateTime.parse("1900-01-01T00:00:00+01:02:03")),
                same(LocalDateTime.parse("2015-10-21T07:28"), "datetime", "\"2015-10-21T07:28:00\""),
                vector(
                        LocalDateTime.parse("2015-10-21T07:28:00.000001999"),
                        "datetime",
                        "\"2015-10-21T07:28:00.000001\"",
                        LocalDateTime.parse("2015-10-21T07:28:00.000001")),
                same(LocalDate.parse("2015-10-21"), "date", "\"2015-10-21\""),
                same(LocalTime.parse("07:28"), "time", "\"07:28:00\""),
                same(LocalTime.parse("07:28:00.5"), "time", "\"07:28:00.500000\""),
                same(OffsetTime.parse("07:28:00-03:00"), "time", "\"07:28:00-03:00\""),
                same(new BigDecimal("3.140"), "decimal", "\"3.140\""),
                same(new BigDecimal("1E+30"), "decimal", "\"1E+30\""),
                same(ID, "uuid", "{\"hex\":\"00112233445566778899aabbccddeeff\"}"),
                same("grüße".getBytes(UTF_8), "bytes", "\"grüße\""),
                same(new byte[0], "bytes", "\"\""),
                same(new byte[] {-1, 0}, "base64", "\"/wA=\""));
    }

    private static Arguments same(Object value, String type, String inner) {
        return vector(value, type, inner, value);
    }

    private static Arguments vector(Object value, String type, String inner, Object read) {
        return Arguments.of(value, "{\"__type__\":\"" + type + "\",\"__value__\":" + inner + "}", read);
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
    void readsWhatOldKombuAndPythonWrite() {
        assertThat(read("{\"__type__\": \"uuid\", \"__value__\": {\"hex\": \"00112233445566778899aabbccddeeff\", "
                        + "\"version\": 4}}"))
                .isEqualTo(ID);
        assertThat(read("{\"__value__\": \"\", \"__type__\": \"base64\"}")).isEqualTo(new byte[0]);
        assertThat(read("[NaN, Infinity, -Infinity]"))
                .isEqualTo(List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
        assertThat(written(List.of(Double.NaN, Double.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)))
                .isEqualTo("[NaN,Infinity,-Infinity]");
        assertThat(read("null")).isNull();
        assertThat(read("\"\\u00fc\"")).isEqualTo("ü");
    }

    @Test
    void takesAnObjectOfTheTwoKeysForAnEnvelopeAndNoOther() {
        Map<String, Object> three = Map.of("__type__", "date", "__value__", "x", "more", 1);
        assertThat(read(written(three))).isEqualTo(three);
        assertThat(read("{\"__type__\":\"date\"}")).isEqualTo(Map.of("__type__", "date"));
        for (String wrong : List.of(
                "{\"__type__\":\"complex\",\"__value__\":1}",
                "{\"__type__\":7,\"__value__\":1}",
                "{\"__type__\":null,\"__value__\":1}",
                "{\"__type__\":\"date\",\"__value__\":7}",
                "{\"__type__\":\"date\",\"__value__\":\"2015-13-01\"}",
                "{\"__type__\":\"uuid\",\"__value__\":{\"hex\":\"12\"}}",
                "{\"__type__\":\"base64\",\"__value__\":\"?\"}",
                "{\"__type__\":\"decimal\",\"__value__\":\"NaN\"}",
                "[".repeat(1001) + "]".repeat(1001),
                "{",
                "1 2")) {
            assertThatExceptionOfType(DecodeException.class)
                    .as(wrong)
                    .isThrownBy(() -> read(wrong))
                    .satisfies(e -> assertThat(e.recoverable()).isFalse());
        }
    }

    @Test
    void keepsNumbersAndOrder() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("z", 1);
        map.put("a", 1L << 40);
        map.put("m", BigInteger.TWO.pow(100));
        map.put("d", 0.1);
        map.put("n", null);
        Map<?, ?> read = (Map<?, ?>) read(written(map));

        assertThat(read).isEqualTo(map);
        assertThat(List.copyOf(read.keySet())).isEqualTo(List.of("z", "a", "m", "d", "n"));
        Map<Object, Object> odd = new HashMap<>();
        odd.put(null, 1);
        assertThat(written(odd)).isEqualTo("{\"null\":1}");
        assertThat(written(Map.of(1, 2))).isEqualTo("{\"1\":2}");
    }

    @Test
    void longStringsPassAndDepthIsBounded() {
        String text = "ü".repeat(25 << 20);
        assertThat(read(written(List.of(text)))).isEqualTo(List.of(text));
        Object deep = 1;
        for (int i = 0; i < 1100; i++) {
            deep = Arrays.asList(deep);
        }
        Object tooDeep = deep;
        assertThatExceptionOfType(SerializationException.class).isThrownBy(() -> written(tooDeep));
        assertThatExceptionOfType(SerializationException.class)
                .isThrownBy(() -> written(LocalDate.of(10_000, 1, 1)))
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
    void recordsGoThereAndBackWithEnvelopesWithinThem() {
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
        Order bare = json.deserialize(
                utf8("{\"id\":\"" + ID + "\",\"at\":\"2015-10-21T07:28:00.123Z\",\"day\":\"2015-10-21\","
                        + "\"price\":3.14000000000000000001,\"data\":\"/w==\"}"),
                Order.class);
        assertThat(bare.id()).isEqualTo(ID);
        assertThat(bare.at()).isEqualTo(MOMENT.toInstant());
        assertThat(bare.day()).isEqualTo("2015-10-21");
        assertThat(bare.price()).isEqualTo("3.14000000000000000001");
        assertThat(bare.data()).containsExactly(-1);
        for (String wrong : List.of("{\"id\":7}", "{\"day\":\"x\"}", "{\"unknown\":1}", "[]", "{\"price\":\"x\"}")) {
            assertThatExceptionOfType(DecodeException.class)
                    .as(wrong)
                    .isThrownBy(() -> json.deserialize(utf8(wrong), Order.class));
        }
    }

    record Money(long cents) {}

    record Invoice(Money total) {}

    @Test
    void aTypeOfYourOwnIsRegisteredInACopy() {
        Json own = json.with(Money.class, "money", Money::cents, cents -> new Money(((Number) cents).longValue()));
        String expected = "{\"__type__\":\"money\",\"__value__\":7}";

        assertThat(new String(own.serialize(new Money(7)), UTF_8)).isEqualTo(expected);
        assertThat(own.deserialize(utf8(expected))).isEqualTo(new Money(7));
        assertThat(own.deserialize(own.serialize(new Invoice(new Money(8))), Invoice.class))
                .isEqualTo(new Invoice(new Money(8)));
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> read(expected));
        Json bare = json.with(Money.class, null, Money::cents, cents -> new Money(((Number) cents).longValue()));
        assertThat(new String(bare.serialize(new Invoice(new Money(9))), UTF_8)).isEqualTo("{\"total\":9}");
        assertThat(bare.deserialize(utf8("{\"total\":9}"), Invoice.class)).isEqualTo(new Invoice(new Money(9)));
    }

    @Test
    void aMapperOfYourOwnIsCopiedAndPlainHasNoEnvelopes() {
        ObjectMapper mapper = new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE);
        Json own = new Json(mapper);
        mapper.setPropertyNamingStrategy(PropertyNamingStrategies.LOWER_CAMEL_CASE);

        assertThat(new String(own.serialize(new Money(1)), UTF_8)).isEqualTo("{\"Cents\":1}");
        assertThat(new String(own.serialize(ID), UTF_8)).contains("__type__");
        assertThat(mapper.getRegisteredModuleIds()).isEmpty();
        assertThat(new String(Json.plain().serialize(ID), UTF_8)).isEqualTo("\"" + ID + "\"");
        Map<String, Object> envelope = Map.of("__type__", "date", "__value__", "2015-10-21");
        assertThat(Json.plain().deserialize(Json.plain().serialize(envelope))).isEqualTo(envelope);
        assertThatIllegalStateException()
                .isThrownBy(() -> Json.plain().with(Money.class, "money", Money::cents, cents -> new Money(0)));
    }

    private Object read(String text) {
        return json.deserialize(utf8(text));
    }

    private String written(Object value) {
        return new String(json.serialize(value), UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
