package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.DecodeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Limits that keep the time to decode a body linear in its length. Each body of {@link #slowBodies} takes minutes, or
 * all memory, where its limit is missing.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DecodeLimitsTest {
    private static final String DECIMAL = "cdecimal\nDecimal\n(V";

    record Price(BigDecimal value) {}

    private static Object decode(String format, byte[] body) {
        return SerializerRegistry.standard().get(format).deserialize(body);
    }

    private static Object decode(String format, String body) {
        return decode(format, body.getBytes(ISO_8859_1));
    }

    /** The bodies that contain a number of this text, by format and kind. */
    static Map<String, String> integers(String digits) {
        byte[] octets = new BigInteger(digits).toByteArray();
        StringBuilder little = new StringBuilder();
        for (int i = octets.length; i-- > 0; ) {
            little.append((char) (octets[i] & 255));
        }
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("json", digits);
        bodies.put("json in a list", "[" + digits + "]");
        bodies.put("yaml", digits);
        bodies.put("yaml tagged", "!!int " + digits);
        bodies.put("yaml negative", "- -" + digits);
        bodies.put("yaml hexadecimal", "0x" + new BigInteger(digits).toString(16));
        bodies.put("pickle LONG", "L" + digits + "L\n.");
        bodies.put("pickle LONG4", "\u008b" + littleEndian(octets.length) + little + ".");
        return bodies;
    }

    static Map<String, String> decimals(String text) {
        return Map.of(
                "json",
                "{\"__type__\": \"decimal\", \"__value__\": \"" + text + "\"}",
                "pickle",
                DECIMAL + text + "\ntR.");
    }

    private static String littleEndian(int value) {
        return "" + (char) (value & 255) + (char) (value >> 8 & 255) + (char) (value >> 16 & 255)
                + (char) (value >>> 24);
    }

    @ParameterizedTest
    @ValueSource(ints = {1001, 1100, 1_000_000})
    void moreThanThousandDigitsAreRefused(int digits) {
        // Not of equal digits: hexadecimal and binary digits are computed once, for a million digits too.
        String text = digits > 10_000 ? "7".repeat(digits) : "1" + "0".repeat(digits - 1);
        Map<String, String> bodies = digits > 10_000 ? textsOnly(text) : integers(text);
        bodies.forEach((format, body) -> assertRefused(format, body, "1000"));
        decimals(text).forEach((format, body) -> assertRefused(format, body, "1000"));
        decimals("-0." + text).forEach((format, body) -> assertRefused(format, body, "1000"));
    }

    private static Map<String, String> textsOnly(String digits) {
        int octets = digits.length();
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("json", digits);
        bodies.put("yaml", digits);
        bodies.put("yaml decimal", digits + ".5");
        bodies.put("yaml tagged", "!!int " + digits);
        bodies.put("yaml hexadecimal", "!!int 0x" + digits);
        bodies.put("pickle LONG", "L" + digits + "L\n.");
        bodies.put("pickle LONG4", "\u008b" + littleEndian(octets) + digits + ".");
        bodies.put("pickle UUID", "cuuid\nUUID\n)R}Vint\n\u008b" + littleEndian(octets) + digits + "sb.");
        return bodies;
    }

    private static void assertRefused(String format, String body, String message) {
        assertThatThrownBy(() -> decode(firstWord(format), body))
                .as(format)
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining(message);
    }

    @Test
    void thousandDigitsAreAccepted() {
        String digits = "9".repeat(1000);
        integers(digits)
                .forEach((format, body) -> assertThat(
                                decode(firstWord(format), body).toString())
                        .as(format)
                        .contains(digits));
        decimals(digits)
                .forEach((format, body) -> assertThat(decode(format, body)).isEqualTo(new BigDecimal(digits)));
    }

    @Test
    void exponentOfDecimalIsLimited() throws IOException {
        for (String text : List.of("1e10001", "1e-10001", "0e999999999", "1e-2147483647", "-1.5E+20000")) {
            decimals(text).forEach((format, body) -> assertRefused(format, body, "exponent"));
        }
        for (String text : List.of("1e10000", "1e-10000")) {
            decimals(text)
                    .forEach((format, body) -> assertThat(decode(format, body)).isEqualTo(new BigDecimal(text)));
        }
        byte[] price = "{\"value\": 1e999999}".getBytes(ISO_8859_1);
        Json decimals = Jackson2.kombu(new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS));
        Json decimals3 = Jackson3.kombu(JsonMapper.builder()
                .enable(tools.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build());
        assertThatThrownBy(() -> decimals.deserialize(price)).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> decimals3.deserialize(price)).isInstanceOf(DecodeException.class);
        for (Json json : List.of(Jackson2.kombu(), Jackson2.plain(), Jackson3.kombu(), Jackson3.plain())) {
            assertThatThrownBy(() -> json.deserialize(price, Price.class)).isInstanceOf(DecodeException.class);
            assertThat(json.deserialize("{\"value\": 1.50}".getBytes(ISO_8859_1), Price.class))
                    .isEqualTo(new Price(new BigDecimal("1.50")));
        }
    }

    record SlowBody(String format, String name, IntFunction<byte[]> body) {
        @Override
        public String toString() {
            return format + ": " + name;
        }
    }

    static List<SlowBody> slowBodies() {
        return List.of(
                text("yaml", "16 MB without blanks", "", "a", 16, ""),
                text("yaml", "quoted 16 MB without blanks", "'", "a", 16, "'"),
                text("yaml", "tag of 16 MB", "", "!", 16, ""),
                text("yaml", "duplicate keys before others", "{", "k: v, ", 1, otherKeys() + "}"),
                text("json", "uuid of dashes", "{\"__type__\":\"uuid\",\"__value__\":\"", "-", 16, "\"}"),
                text("json", "escapes", "\"", "\\u0041", 16, "\""),
                text(
                        "json",
                        "zone",
                        "{\"__type__\":\"datetime\",\"__value__\":\"2020-01-01T00:00:00Z[",
                        "A/",
                        8,
                        "]\"}"),
                // A part of half the body is shared and copied for each few bytes of the other half.
                text("pickle", "shared list", sharedList(), "h\1h\0\u0085R", 1, "l."),
                text(
                        "pickle",
                        "shared text",
                        "(" + sharedText() + "cbuiltins\nbytes\n\u0094",
                        "h\1h\0\u0085R",
                        1,
                        "l."),
                text("pickle", "shared tuple as a key", "((" + "K\1".repeat(200_000) + "t\u00940", "}h\0K\1s", 1, "l."),
                text("pickle", "memo", "]", "\u0094", 4, "."),
                new SlowBody("xz", "empty streams", size -> repeatedStream("xz", 1 << 20)));
    }

    private static SlowBody text(String format, String name, String start, String part, int mebibytes, String end) {
        return new SlowBody(
                format,
                name,
                unused -> (start + part.repeat((mebibytes << 20) / part.length()) + end).getBytes(ISO_8859_1));
    }

    private static String otherKeys() {
        StringBuilder keys = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            keys.append('k').append(i).append(": v, ");
        }
        return keys.toString();
    }

    private static String sharedList() {
        return "(](" + "K\1".repeat(200_000) + "e\u0094cbuiltins\nfrozenset\n\u0094";
    }

    private static String sharedText() {
        return "X" + littleEndian(1 << 20) + "a".repeat(1 << 20) + "\u0094";
    }

    private static byte[] repeatedStream(String format, int size) {
        try {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            OutputStream compressed = CompressorRegistry.standard().get(format).compress(stream);
            compressed.close();
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            while (all.size() < size) {
                all.write(stream.toByteArray());
            }
            return all.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("slowBodies")
    void largeBodyIsDecodedOrRefusedInTime(SlowBody slow) {
        byte[] body = slow.body.apply(0);
        try {
            Object unused = slow.format.equals("xz")
                    ? CompressorRegistry.standard().decompress(body, "xz")
                    : decode(slow.format, body);
        } catch (DecodeException e) {
            assertThat(e).hasMessageNotContaining("OutOfMemory");
        }
    }

    /** 100,000 keys of two classes with one hash code: HashMap cannot sort them. */
    @ParameterizedTest
    @ValueSource(strings = {"msgpack", "pickle", "yaml"})
    void keysWithOneHashCodeAreLimited(String format) {
        List<Object> keys = new ArrayList<>();
        for (int i = 1; i <= 50_000; i++) {
            long word = i;
            keys.add(word << 32 | (word ^ 0x5555555));
            word = 0x3f000000L + i;
            keys.add(Double.longBitsToDouble(word << 32 | (word ^ 0x5555555)));
        }
        assertThat(new HashSet<>(keys.stream().map(Object::hashCode).toList())).hasSize(1);
        byte[] body = map(format, keys);
        assertThatThrownBy(() -> decode(format, body))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("hash code");
    }

    private static byte[] map(String format, List<Object> keys) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String start = format.equals("pickle") ? "}(" : format.equals("yaml") ? "{" : "\u00df";
        out.writeBytes(start.getBytes(ISO_8859_1));
        if (format.equals("msgpack")) {
            out.writeBytes(ByteBuffer.allocate(4).putInt(keys.size()).array());
        }
        for (Object key : keys) {
            if (format.equals("yaml")) {
                // PyYAML's form: a sign in the exponent.
                String text = key.toString().replaceFirst("E(?=\\d)", "e+");
                out.writeBytes((text + ": 1, ").getBytes(ISO_8859_1));
            } else if (key instanceof Long number) {
                byte[] octets = ByteBuffer.allocate(8).putLong(number).array();
                if (format.equals("pickle")) {
                    out.writeBytes(new byte[] {(byte) 0x8a, 8});
                    for (int i = octets.length; i-- > 0; ) {
                        out.write(octets[i]);
                    }
                    out.writeBytes(new byte[] {'K', 1});
                } else {
                    out.write(0xd3);
                    out.writeBytes(octets);
                    out.write(1);
                }
            } else {
                out.write(format.equals("pickle") ? 'G' : 0xcb);
                out.writeBytes(ByteBuffer.allocate(8).putDouble((Double) key).array());
                out.writeBytes(format.equals("pickle") ? new byte[] {'K', 1} : new byte[] {1});
            }
        }
        out.writeBytes((format.equals("pickle") ? "u." : format.equals("yaml") ? "}" : "").getBytes(ISO_8859_1));
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"msgpack", "pickle", "yaml"})
    void largeMapsWithKeysOfOneClassOrOfManyHashesAreRead(String format) {
        List<Object> oneHash = new ArrayList<>();
        List<Object> mixed = new ArrayList<>();
        for (long i = 1; i <= 5000; i++) {
            oneHash.add((1L << 62) | i << 32 | (i ^ (1L << 30)));
            mixed.add(i << 33);
            mixed.add(i + 0.5);
        }
        assertThat(new HashSet<>(oneHash.stream().map(Object::hashCode).toList()))
                .hasSize(1);
        assertThat(((Map<?, ?>) decode(format, map(format, oneHash))).keySet()).isEqualTo(new HashSet<>(oneHash));
        assertThat(((Map<?, ?>) decode(format, map(format, mixed))).keySet()).isEqualTo(new HashSet<>(mixed));
    }

    @Test
    void tuplesWithOneHashCodeAreLimited() {
        StringBuilder pickle = new StringBuilder("}(");
        for (int i = 0; i < 3000; i++) {
            pickle.append('J')
                    .append(littleEndian(i))
                    .append('J')
                    .append(littleEndian(-31 * i))
                    .append("\u0086K\1");
        }
        assertRefused("pickle", pickle + "u.", "hash code");
    }

    /** 25 lists that each contain the one before twice: their hash takes 2^25 steps. */
    @Test
    void collectionAsKeyIsRefused() {
        StringBuilder yaml = new StringBuilder("- &a0 [x, x]\n");
        for (int i = 1; i < 25; i++) {
            yaml.append("- &a%d [*a%d, *a%d]%n".formatted(i, i - 1, i - 1));
        }
        assertRefused("yaml", yaml + "- ? *a24\n  : v\n", "collection");
        assertRefused("yaml", "? [a]\n: v\n", "collection");
        assertRefused("yaml", "!!set {? {a: b}}", "collection");
    }

    @Test
    void yamlMergesAsPyYamlDoes() {
        assertThat(decode("yaml", "- &a {x: 1, y: 2}\n- {y: 3, <<: *a, z: 4}\n- {<<: [{x: 5}, *a]}\n- {k: 1, k: 2}\n"))
                .hasToString("[{x=1, y=2}, {x=1, y=3, z=4}, {x=5, y=2}, {k=2}]");
        assertThat(decode("yaml", "- &a {x: 1}\n- &b {<<: *a, y: 2}\n- {<<: *b}\n- {<<: {<<: {x: 1}, x: 2}}\n"))
                .hasToString("[{x=1}, {x=1, y=2}, {x=1, y=2}, {x=2}]");
        assertRefused("yaml", "{<<: 1}", "merge");
        assertThat(decode("yaml", "!!omap [{b: 1}, {a: 2}]")).hasToString("{b=1, a=2}");
    }

    @Test
    void sharedTupleMayBeKeyOfManyMaps() {
        // A list of 1000 dicts whose only key is one tuple.
        Object dicts = decode("pickle", "(K\1K\2\u0086\u00940" + "}h\0K\1s".repeat(1000) + "l.");
        assertThat((List<?>) dicts).hasSize(1000);
        assertThat(Set.copyOf((List<?>) dicts)).isEqualTo(Set.of(Map.of(List.of(1, 2), 1)));
    }

    private static String firstWord(String text) {
        int space = text.indexOf(' ');
        return space < 0 ? text : text.substring(0, space);
    }
}
