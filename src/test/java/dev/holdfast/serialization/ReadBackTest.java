package dev.holdfast.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
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
import tools.jackson.databind.json.JsonMapper;

/** A serializer reads what it writes: what it could not read, it refuses to write. */
class ReadBackTest {
    private static final BigInteger LARGEST = BigInteger.TEN.pow(1000).subtract(BigInteger.ONE);
    private static final String HALF = "a\ud800b";

    record Price(BigDecimal value) {}

    private static Map<String, Serializer> serializers() {
        Map<String, Serializer> all = new LinkedHashMap<>();
        for (JacksonLibrary library : JacksonLibrary.values()) {
            all.put("json of Kombu, " + library, library.kombu());
            all.put("plain json, " + library, library.plain());
        }
        all.put("json of a mapper", Jackson2.plain(new ObjectMapper()));
        all.put("json of a mapper 3", Jackson3.plain(new JsonMapper()));
        all.put("indented json", Jackson2.plain(new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT)));
        all.put(
                "indented json 3",
                Jackson3.plain(JsonMapper.builder()
                        .enable(tools.jackson.databind.SerializationFeature.INDENT_OUTPUT)
                        .build()));
        for (String name : List.of("yaml", "msgpack", "pickle")) {
            all.put(name, SerializerRegistry.standard().get(name));
        }
        return all;
    }

    /** Both forms by both libraries. */
    private static List<Json> jsons() {
        List<Json> all = new ArrayList<>();
        for (JacksonLibrary library : JacksonLibrary.values()) {
            all.add(library.kombu());
            all.add(library.plain());
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
        for (Json json : jsons()) {
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
        Map<String, Integer> limits =
                Map.of("yaml", 100, "msgpack", 500, "json of a mapper 3", 500, "indented json 3", 500);
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
    void jsonReadsTextsLongerThanThe20MillionCharactersOfAMapper() {
        String text = "x".repeat(20_000_001);
        for (Json json : jsons()) {
            assertReadBack("json", json, text);
        }
        assertRefused("mapper", Jackson2.plain(new ObjectMapper()), text, "at most 20000000 characters");
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
        for (Json json : jsons()) {
            assertRefused("json", json, Map.of("x", List.of(1, HALF)), "(expected: Unicode), at java.util.");
            assertRefused("json", json, Map.of("x", List.of(1, HALF)), "[\"x\"]->");
        }
    }

    @Test
    void textOfSerializersOfTheApplicationIsChecked() {
        for (Json json : jsons()) {
            Json own = json.with(StringReader.class, null, reader -> List.of(HALF), value -> new StringReader(""));
            assertRefused("codec", own, new StringReader(""), "half a surrogate pair at 1");
        }
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
        for (String name : List.of("json of Kombu, JACKSON_2", "json of Kombu, JACKSON_3", "yaml", "pickle")) {
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
