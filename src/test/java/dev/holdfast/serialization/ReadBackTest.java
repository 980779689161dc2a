package dev.holdfast.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A serializer reads what it writes: what it could not read, it refuses to write. */
class ReadBackTest {
    private static final BigInteger LARGEST = BigInteger.TEN.pow(1000).subtract(BigInteger.ONE);
    private static final String HALF = "a\ud800b";

    record Price(BigDecimal value) {}

    private static Map<String, Serializer> serializers() {
        Map<String, Serializer> all = new LinkedHashMap<>();
        all.put("json of Kombu", new Json());
        all.put("plain json", Json.plain());
        all.put("json of a mapper", Json.plain(new ObjectMapper()));
        all.put("indented json", Json.plain(new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT)));
        for (String name : List.of("yaml", "msgpack", "pickle")) {
            all.put(name, SerializerRegistry.standard().get(name));
        }
        return all;
    }

    private static void assertReadBack(String name, Serializer serializer, Object value) {
        assertThat(serializer.deserialize(serializer.serialize(value))).as(name).isEqualTo(value);
    }

    private static void assertRefused(String name, Serializer serializer, Object value, String message) {
        assertThatExceptionOfType(SerializationException.class)
                .as(name)
                .isThrownBy(() -> serializer.serialize(value))
                .isNotInstanceOf(DecodeException.class)
                .withMessageContaining(message);
    }

    @Test
    void integersHaveThousandDigitsAtMost() {
        serializers().forEach((name, serializer) -> {
            if (!name.equals("msgpack")) {
                assertReadBack(name, serializer, LARGEST);
                assertReadBack(name, serializer, LARGEST.negate());
                for (BigInteger over :
                        List.of(LARGEST.add(BigInteger.ONE), LARGEST.negate().shiftLeft(5000))) {
                    assertRefused(name, serializer, over, "1000 digits");
                    assertRefused(name, serializer, Map.of("a", List.of(over)), "1000 digits");
                }
            }
        });
    }

    @Test
    void decimalsHaveThousandDigitsAndALimitedExponent() {
        BigDecimal digits = new BigDecimal(LARGEST, 500);
        BigDecimal over = new BigDecimal(LARGEST.multiply(BigInteger.TEN).add(BigInteger.ONE), 500);
        for (Json json : List.of(new Json(), Json.plain())) {
            for (BigDecimal decimal :
                    List.of(digits, digits.negate(), new BigDecimal("1E+10000"), new BigDecimal("-1E-10000"))) {
                assertThat(json.deserialize(json.serialize(new Price(decimal)), Price.class))
                        .isEqualTo(new Price(decimal));
            }
            assertRefused("json", json, new Price(over), "1000 digits");
            assertRefused("json", json, new Price(new BigDecimal("1E+10001")), "exponent");
        }
        Serializer pickle = serializers().get("pickle");
        assertReadBack("pickle", pickle, digits);
        assertRefused("pickle", pickle, over, "1000 digits");
        assertRefused("pickle", pickle, new BigDecimal("1E-10001"), "exponent");
    }

    @Test
    void numbersOfTreesAreLimited() {
        for (Json json : List.of(new Json(), Json.plain())) {
            assertRefused("tree", json, BigIntegerNode.valueOf(LARGEST.add(BigInteger.ONE)), "1000 digits");
            assertRefused("tree", json, DecimalNode.valueOf(new BigDecimal(LARGEST.shiftLeft(10), 5)), "1000 digits");
        }
    }

    /** Jackson's limit of names is in bytes. */
    @Test
    void namesHave50000BytesAtMost() {
        serializers().forEach((name, serializer) -> {
            if (name.contains("json")) {
                for (String letter : List.of("a", "ü", "水")) {
                    int max = 50_000 / letter.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
                    assertReadBack(name, serializer, Map.of(letter.repeat(max), 1));
                    assertRefused(name, serializer, Map.of(letter.repeat(max + 1), 1), "50000 bytes of UTF-8");
                }
            } else {
                assertReadBack(name, serializer, Map.of("a".repeat(60_000), 1));
            }
        });
    }

    @Test
    void nestingIsLimited() {
        Map<String, Integer> limits = Map.of("yaml", 100, "msgpack", 500);
        serializers().forEach((name, serializer) -> {
            int limit = limits.getOrDefault(name, name.contains("json") ? 1000 : 900);
            Object deepest = nested(limit);
            assertReadBack(name, serializer, deepest);
            if (!name.equals("pickle")) {
                assertThatExceptionOfType(SerializationException.class)
                        .as(name)
                        .isThrownBy(() -> serializer.serialize(List.of(List.of(deepest))));
            }
        });
    }

    private static Object nested(int depth) {
        Object value = List.of();
        for (int i = 1; i < depth; i++) {
            value = List.of(value);
        }
        return value;
    }

    @Test
    void limitsOfAMapperApplyToWhatItWrites() {
        Json json = Json.plain(new ObjectMapper(JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNameLength(10)
                        .maxStringLength(40)
                        .maxNumberLength(30)
                        .build())
                .build()));
        assertReadBack("json", json, Map.of("n".repeat(10), List.of("s".repeat(40), BigInteger.TEN.pow(29))));
        assertRefused("json", json, Map.of("n".repeat(11), 1), "10 bytes of UTF-8");
        assertRefused("json", json, "s".repeat(41), "40 characters");
        assertRefused("json", json, new byte[100], "40 characters");
        assertRefused("json", json, BigInteger.TEN.pow(30), "30 digits");
    }

    @Test
    void jsonReadsTextsLongerThanThe20MillionCharactersOfAMapper() {
        String text = "x".repeat(20_000_001);
        assertReadBack("Kombu's", new Json(), text);
        assertRefused("mapper", Json.plain(new ObjectMapper()), text, "at most 20000000 characters");
        Json plain = Json.plain();
        try {
            assertThat(plain.deserialize(plain.serialize(text))).isEqualTo(text);
        } catch (SerializationException e) {
            assertThat(e).isNotInstanceOf(DecodeException.class);
        }
    }

    @Test
    void halfASurrogatePairIsRefused() {
        serializers().forEach((name, serializer) -> {
            for (Object body : Arrays.asList(
                    HALF,
                    List.of("x", HALF),
                    Map.of(HALF, 1),
                    Map.of("x", Map.of("y", HALF)),
                    '\udc00',
                    new String[] {HALF},
                    "\udc00\ud800")) {
                assertRefused(name, serializer, body, "half a surrogate pair at ");
            }
            assertReadBack(name, serializer, Map.of("\ud83c\udf0a", "\ud83c\udf0a"));
        });
        assertRefused("json", new Json(), Map.of("x", List.of(1, HALF)), "(expected: Unicode), at java.util.");
        assertRefused("json", new Json(), Map.of("x", List.of(1, HALF)), "[\"x\"]->");
    }

    @Test
    void textOfSerializersOfTheApplicationIsChecked() throws IOException {
        Json json = new Json();
        TokenBuffer buffer = new TokenBuffer(new ObjectMapper(), false);
        buffer.writeStartArray();
        buffer.writeString(HALF);
        buffer.writeEndArray();
        assertRefused("buffer", json, buffer, "half a surrogate pair at 1");
        Json own = json.with(StringReader.class, "reader", reader -> List.of(HALF), value -> new StringReader(""));
        assertRefused("codec", own, new StringReader(""), "half a surrogate pair at 1");
    }

    /** PyYAML and its Java counterpart read at most 50 aliases. */
    @Test
    void yamlRepeatsCollectionsInsteadOfAliases() {
        List<Object> shared = List.of(1, Map.of("a", "b"));
        List<Object> repeated = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            repeated.add(shared);
        }
        Serializer yaml = serializers().get("yaml");
        assertReadBack("yaml", yaml, repeated);
        List<Object> cyclic = new ArrayList<>();
        cyclic.add(Map.of("self", cyclic));
        assertRefused("yaml", yaml, cyclic, "cyclic");
        Map<Object, Object> keys = Map.of(List.of(1), 2);
        assertRefused("yaml", yaml, keys, "key of a map: a collection");
    }

    /** Text that looks like a number stays text, however long it is. */
    @Test
    void yamlQuotesLongDigits() {
        Serializer yaml = serializers().get("yaml");
        for (String text : List.of("7".repeat(2000), "-" + "7".repeat(1500) + ".5", "0x" + "f".repeat(3000))) {
            assertReadBack("yaml", yaml, text);
            assertReadBack("yaml", yaml, Map.of(text, text));
        }
    }

    @Test
    void offsetsWithSecondsAreReadBackOrRefused() {
        OffsetDateTime time = LocalDateTime.parse("1890-01-01T00:00:00").atOffset(ZoneOffset.ofTotalSeconds(3208));
        for (String name : List.of("json of Kombu", "yaml", "pickle")) {
            Serializer serializer = serializers().get(name);
            try {
                assertThat(serializer.deserialize(serializer.serialize(time)))
                        .as(name)
                        .isEqualTo(time);
            } catch (SerializationException e) {
                assertThat(e).as(name).isNotInstanceOf(DecodeException.class);
            }
        }
    }
}
