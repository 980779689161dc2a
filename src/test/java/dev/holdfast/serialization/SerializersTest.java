package dev.holdfast.serialization;

import static dev.holdfast.serialization.TestBytes.allocatedByCurrentThread;
import static dev.holdfast.serialization.TestBytes.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SerializersTest {
    private static final OffsetDateTime MOMENT = OffsetDateTime.parse("2015-10-21T07:28:00.123456+02:00");
    private static final LocalDateTime NAIVE = LocalDateTime.parse("2015-10-21T07:28:00.5");
    private static final LocalDate DAY = LocalDate.parse("2015-10-21");
    private static final LocalTime TIME = LocalTime.parse("07:28:00");
    private static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final BigDecimal DECIMAL = new BigDecimal("3.140");

    private final SerializerRegistry registry = SerializerRegistry.standard();

    @ParameterizedTest
    @ValueSource(strings = {"kombu-json", "yaml", "msgpack", "pickle"})
    void plainDataIsWrittenAndReadUnchanged(String name) throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Serializer serializer = registry.get(name);
        for (int i = 0; i < 200; i++) {
            Object value = value(random, 0);
            String before = String.valueOf(value);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            serializer.serialize(value, out);

            assertThat(serializer.deserialize(out.toByteArray()))
                    .as("%s, seed %s", name, seed)
                    .usingRecursiveComparison()
                    .isEqualTo(value);
            assertThat(serializer.serialize(value)).isEqualTo(out.toByteArray());
            assertThat(String.valueOf(value)).isEqualTo(before);
        }
        List<String> large = List.of("ü".repeat(1 << 20));
        assertThat(serializer.deserialize(serializer.serialize(large))).isEqualTo(large);
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth < 4 ? 13 : 11)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextLong() | 1L << 40;
            case 2 -> BigInteger.ONE.shiftLeft(63).add(BigInteger.valueOf(random.nextInt(1000)));
            case 3 -> random.nextDouble() * Math.pow(10, random.nextInt(600) - 300);
            case 4 -> random.nextBoolean();
            case 5 -> "";
            case 6 -> "grüße \uD83C\uDF0A " + random.nextInt() + "\n\t'\"\\:# -";
            case 7 -> {
                byte[] bytes = new byte[random.nextInt(40)];
                random.nextBytes(bytes);
                yield bytes;
            }
            case 8 ->
                OffsetDateTime.of(
                        2000 + random.nextInt(90), 2, 28, 3, 4, 5, random.nextInt(1_000_000) * 1000, ZoneOffset.UTC);
            case 9 -> List.of("yes", "null", "~", "1", "1.0", "2015-10-21", "0x1F", "=", "1:30", "on", ".inf");
            case 10 -> new LinkedHashMap<>(Map.of());
            case 11 -> {
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    list.add(random.nextInt(8) == 0 ? null : value(random, depth + 1));
                }
                yield list;
            }
            default -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    map.put("käy" + random.nextInt(), random.nextInt(8) == 0 ? null : value(random, depth + 1));
                }
                yield map;
            }
        };
    }

    @Test
    void newestSerializerOfAContentTypeReadsIt() {
        Serializer first = Json.kombu();
        Serializer second = Json.kombu();
        SerializerRegistry standard = SerializerRegistry.standard();
        for (String name : List.of("acme", "my-json")) {
            SerializerRegistry own = standard.with(name, first).with("later-" + name, second);
            assertThat(own.find("application/json")).containsSame(second);
            assertThat(own.find("text/json")).containsSame(second);
            assertThat(own.with(name, first).find("application/json")).containsSame(first);
        }
        assertThat(standard.find("application/json")).contains(standard.get("json"));
    }

    @Test
    void datesAndDecimalsAreTextInFormatsWithoutThem() {
        List<Object> all = List.of(MOMENT, NAIVE, DAY, TIME, ID, DECIMAL, MOMENT.toInstant());
        Object utc = MOMENT.withOffsetSameInstant(ZoneOffset.UTC);
        assertThat(roundTrip("kombu-json", all)).isEqualTo(List.of(MOMENT, NAIVE, DAY, TIME, ID, DECIMAL, utc));
        assertThat(roundTrip("pickle", all)).isEqualTo(List.of(MOMENT, NAIVE, DAY, TIME, ID, DECIMAL, utc));
        assertThat(roundTrip("yaml", all)).isEqualTo(List.of(MOMENT, NAIVE, DAY, "07:28", ID.toString(), "3.140", utc));
        assertThat(roundTrip("msgpack", all))
                .isEqualTo(List.of(
                        utc, "2015-10-21T07:28:00.500000", "2015-10-21", "07:28:00", ID.toString(), "3.140", utc));
    }

    private Object roundTrip(String name, Object value) {
        return registry.get(name).deserialize(registry.get(name).serialize(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "yaml", "msgpack", "pickle"})
    void unsupportedBodyIsRefused(String name) {
        Object deep = 1;
        for (int i = 0; i < 20_000; i++) {
            deep = new ArrayList<>(List.of(deep));
        }
        BodyEncoder encoder = new BodyEncoder(registry, CompressorRegistry.standard());
        for (Object unsupported : List.of(new Object(), List.of(new Object()), Map.of("a", new Object()), deep)) {
            assertThatExceptionOfType(SerializationException.class)
                    .as(unsupported.getClass().getName())
                    .isThrownBy(() -> encoder.encode(unsupported, name, null, null, null));
        }
    }

    @Test
    void msgpackIntegersAreLimitedTo64Bits() {
        BigInteger max = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
        assertThat(roundTrip("msgpack", List.of(max, Long.MIN_VALUE, BigInteger.valueOf(Long.MIN_VALUE))))
                .isEqualTo(List.of(max, Long.MIN_VALUE, Long.MIN_VALUE));
        for (BigInteger outOfRange : List.of(
                max.add(BigInteger.ONE), BigInteger.valueOf(Long.MIN_VALUE).subtract(BigInteger.ONE))) {
            assertThatExceptionOfType(SerializationException.class)
                    .isThrownBy(() -> registry.get("msgpack").serialize(outOfRange))
                    .withMessage("integer: " + outOfRange + " (expected: -2^63 to 2^64 - 1)");
        }
    }

    @Test
    void falseLengthsAllocateNoMemory() {
        long before = allocatedByCurrentThread();
        for (String hex : List.of(
                "c67fffffff",
                "c610000000",
                "db10000000",
                "db7fffffff",
                "dd7fffffff",
                "df7fffffff",
                "c67fffffff00",
                "91".repeat(600) + "c0",
                "c0c0",
                "81910102",
                "d40100",
                "a1ff")) {
            assertRefused("msgpack", HexFormat.of().parseHex(hex));
        }
        for (String hex : List.of(
                "8004427fffffff",
                "8004587fffff7f",
                "80048dffffffffffffff7f",
                "80048effffffffffffff7f",
                "800496ffffffff00000000",
                "80048bffffff7f",
                "8004")) {
            assertRefused("pickle", HexFormat.of().parseHex(hex));
        }
        assertThat(allocatedByCurrentThread() - before).isLessThan(64L << 20);
    }

    @Test
    void pickleOfAnythingButDataIsRefused() {
        assertRefused("pickle", utf8("cos\nsystem\n(S'true'\ntR."));
        assertRefused("pickle", utf8("cbuiltins\neval\n(S'1'\ntR."));
        assertRefused("pickle", utf8("(S'true'\nios\nsystem\n."));
        assertRefused("pickle", utf8("cjava.lang\nRuntime\n."));
        assertRefused("pickle", utf8("cdatetime\ndatetime\n."));
        assertRefused("pickle", utf8("(lp0\ng0\na.")); // a list that contains itself
        assertRefused("pickle", utf8("}(]Nu.")); // a list as a key
    }

    @Test
    void sharedPartsOfPickleAreReadOnce() {
        // Each of 60 lists contains the one before it twice: as a tree it would have 2^60 leaves.
        StringBuilder nested = new StringBuilder("(lp0\n0");
        for (int i = 1; i <= 60; i++) {
            nested.append("(lp")
                    .append(i)
                    .append("\ng")
                    .append(i - 1)
                    .append("\nag")
                    .append(i - 1)
                    .append("\na0");
        }
        Object read = registry.get("pickle").deserialize(utf8(nested + "g60\n."));
        assertThat(((List<?>) read).get(0)).isSameAs(((List<?>) read).get(1));
    }

    @Test
    void yamlRefusesObjectTagsAndExcessiveAliases() {
        assertRefused("yaml", utf8("!!javax.script.ScriptEngineManager [x]"));
        assertRefused("yaml", utf8("!!python/object/apply:os.system [x]"));
        StringBuilder nested = new StringBuilder("a0: &a0 [lol]\n");
        for (int i = 1; i < 30; i++) {
            nested.append("a%d: &a%d [*a%d,*a%d,*a%d]%n".formatted(i, i, i - 1, i - 1, i - 1));
        }
        assertRefused("yaml", utf8(nested.toString()));
        assertRefused("yaml", utf8("[".repeat(10_000)));
        assertRefused("yaml", utf8("a: 1\n---\nb: 2"));
        assertThat(registry.get("yaml").deserialize(utf8("!!set {a: null}"))).isEqualTo(Set.of("a"));
    }

    @Test
    void yamlTextIsCompatibleWithPyYaml() {
        assertThat(roundTrip("yaml", "a\0\u001b\u0085b")).isEqualTo("a\0\u001b\u0085b");
        assertThat(new String(registry.get("yaml").serialize("="), UTF_8)).isEqualTo("'='\n");
        // PyYAML writes the text 1e5 unquoted, and a number with a point and a sign.
        assertThat(registry.get("yaml").deserialize(utf8("[1e5, 1.0e+5, .5, -.inf]")))
                .isEqualTo(List.of("1e5", 1e5, 0.5, Double.NEGATIVE_INFINITY));
    }

    /** Records and beans are supported by JSON only. */
    @Test
    void onlyJsonWritesRecords() {
        assertThat(roundTrip("json", new Point(1, 2))).isEqualTo(Map.of("x", 1, "y", 2));
        for (String name : List.of("yaml", "msgpack", "pickle")) {
            assertThatExceptionOfType(SerializationException.class)
                    .as(name)
                    .isThrownBy(() -> roundTrip(name, List.of(new Point(1, 2))))
                    .withMessageContaining(Point.class.getName());
        }
    }

    record Point(int x, int y) {}

    private void assertRefused(String name, byte[] body) {
        assertThatExceptionOfType(DecodeException.class)
                .as(HexFormat.of().formatHex(body))
                .isThrownBy(() -> registry.get(name).deserialize(body));
    }
}
