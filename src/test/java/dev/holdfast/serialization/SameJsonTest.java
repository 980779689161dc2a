package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.holdfast.SerializationException;
import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.GregorianCalendar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Jackson 2 and Jackson 3 write the same bytes, and read the same values or refuse the same documents. They differ for
 * java.sql.Date, which Jackson 3 writes like java.util.Date, and in the digits of a double below 2E-322.
 */
@SuppressWarnings({"unused", "JavaUtilDate"}) // members of beans; applications have Date in their classes
class SameJsonTest {
    private static final Instant INSTANT = Instant.parse("2015-10-21T07:28:00.120Z");
    private static final ZonedDateTime ZONED = INSTANT.atZone(ZoneId.of("Europe/Paris"));

    enum Colour {
        RED("red"),
        @JsonProperty("verde")
        GREEN("green");

        private final String name;

        Colour(String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Neither in the order of the alphabet nor in that of the constructor. */
    public static class Bean {
        public int zebra = 1;
        public Integer apple;
        private String name = "n";
        private final List<String> tags = List.of("t");
        public final int fixed = 7;

        public Bean() {}

        public Bean(int apple, int zebra) {
            this.zebra = zebra;
            this.apple = apple;
        }

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public List<String> getTags() {
            return tags;
        }

        public boolean isReady() {
            return true;
        }

        public String getURL() {
            return "u";
        }

        public int getaNumber() {
            return 4;
        }

        @JsonIgnore
        public String getSecret() {
            return "s";
        }
    }

    public static class WithConstructor {
        private final int second;
        private final int first;

        public WithConstructor(int first, int second) {
            this.first = first;
            this.second = second;
        }

        public int getSecond() {
            return second;
        }

        public int getFirst() {
            return first;
        }
    }

    public static class Creator {
        private final int second;
        private final int first;

        @JsonCreator
        public Creator(@JsonProperty("first") int first, @JsonProperty("second") int second) {
            this.first = first;
            this.second = second;
        }

        public int getSecond() {
            return second;
        }

        public int getFirst() {
            return first;
        }
    }

    public static class Mutable {
        public List<Integer> numbers;
        public int count;
        public Colour colour;
        public Object any;
        public boolean flag;
        public double ratio;
        public Date date;
        public Month month;
        public long[] longs;
        public char letter;
        public Set<String> words;
        public Map<LocalDate, Integer> byDay;
        private final List<Integer> added = new java.util.ArrayList<>();

        public List<Integer> getAdded() {
            return added;
        }
    }

    public static class Empty {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Sparse(String a, String b) {}

    record Formatted(
            @JsonFormat(pattern = "dd/MM/yyyy") LocalDate day,
            @JsonFormat(shape = JsonFormat.Shape.NUMBER) Date at,
            @JsonFormat(shape = JsonFormat.Shape.STRING) int number) {}

    record Outer(int id, @JsonUnwrapped Sparse inner) {}

    record Text(@JsonValue String text) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({@JsonSubTypes.Type(value = Circle.class, name = "circle")})
    interface Shape {}

    record Circle(double radius) implements Shape {}

    record Times(
            LocalDateTime naive,
            OffsetDateTime offset,
            ZonedDateTime zoned,
            Duration pause,
            Year year,
            Map<ZonedDateTime, Integer> keys) {}

    static Stream<Arguments> values() throws Exception {
        Map<Object, Object> keys = new LinkedHashMap<>();
        for (Object key : List.of(
                1,
                2L,
                true,
                'c',
                1.5,
                Colour.RED,
                Colour.GREEN,
                new Date(0),
                GregorianCalendar.from(ZONED),
                INSTANT,
                ZONED,
                ZONED.toOffsetDateTime(),
                ZONED.toLocalDateTime(),
                LocalTime.NOON,
                LocalDate.EPOCH,
                Year.of(2015),
                YearMonth.of(2015, 1),
                Duration.ofHours(1),
                ZoneOffset.UTC,
                ZoneId.of("Europe/Paris"),
                Month.MAY,
                UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
                new BigDecimal("1E+3"),
                String.class,
                URI.create("a:b"),
                Locale.CANADA_FRENCH,
                new byte[] {1})) {
            keys.put(key, 1);
        }
        EnumMap<Colour, Integer> enumMap = new EnumMap<>(Colour.class);
        enumMap.put(Colour.GREEN, 1);
        return Stream.of(
                        keys,
                        enumMap,
                        Collections.singletonMap(null, 1),
                        new Bean(2, 3),
                        new WithConstructor(1, 2),
                        new Creator(1, 2),
                        new Mutable(),
                        new Empty(),
                        new Object(),
                        new Sparse(null, "b"),
                        new Formatted(LocalDate.EPOCH, new Date(1500), 3),
                        new Outer(1, new Sparse("a", null)),
                        new Text("t"),
                        new Circle(1.5),
                        List.of(new Circle(2)),
                        new Times(
                                ZONED.toLocalDateTime(),
                                ZONED.toOffsetDateTime(),
                                ZONED,
                                Duration.ofNanos(1),
                                Year.of(-5),
                                Map.of(ZONED, 1)),
                        Colour.RED,
                        List.of(Colour.GREEN, DayOfWeek.MONDAY, Month.MAY, TimeUnit.SECONDS),
                        new Date(1234567890123L),
                        new Date(0),
                        GregorianCalendar.from(ZONED),
                        new java.sql.Timestamp(5),
                        java.sql.Time.valueOf("07:28:00"),
                        Locale.CANADA_FRENCH,
                        Locale.ROOT,
                        Currency.getInstance("EUR"),
                        TimeZone.getTimeZone("Europe/Paris"),
                        URI.create("http://a/b?c"),
                        URI.create("http://a/b").toURL(),
                        new File("/a"),
                        java.nio.file.Path.of("/a b"),
                        Pattern.compile("a+"),
                        UTF_8,
                        String.class,
                        int[].class,
                        java.net.InetAddress.getByAddress("h", new byte[] {127, 0, 0, 1}),
                        new AtomicInteger(1),
                        new AtomicLong(2),
                        new AtomicBoolean(true),
                        new AtomicReference<>("r"),
                        ByteBuffer.wrap(new byte[] {1, 2}),
                        BitSet.valueOf(new long[] {5}),
                        Map.entry("k", "v"),
                        new char[] {'a', 'b'},
                        new byte[] {1, 2, 3},
                        new int[] {1},
                        new float[] {1.1f, Float.NaN},
                        new double[] {0.1, 1e300, 1e-300, 1e21, 123456789.125, -0.0, Double.MIN_NORMAL, 2e-322},
                        new Float[] {1e10f, 3.4e38f, Float.MIN_NORMAL},
                        Stream.of("/", "\"", "\\", "\u0000\u001f\u007f\u0080\u2028", "\ud83c\udf0a", "ü水")
                                .toList(),
                        Map.of("\ud83c\udf0a/\u2028", 1),
                        List.of(new BigDecimal("1E+30"), new BigDecimal("1.10"), new BigDecimal("1E-30")),
                        BigInteger.TEN.pow(900),
                        Arrays.asList(null, Byte.MIN_VALUE, Short.MAX_VALUE, Long.MIN_VALUE, true),
                        'x',
                        List.of(UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"), INSTANT, ZONED),
                        new IllegalStateException().getStackTrace().length,
                        new StackTraceElement("C", "m", "C.java", 5),
                        List.of(Map.of("a", List.of(Map.of()))),
                        Thread.State.NEW,
                        new Thread[0])
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("values")
    void sameBytesAreWritten(Object value) {
        assertThat(write(Jackson3.plain(), value)).isEqualTo(write(Jackson2.plain(), value));
        assertThat(write(Jackson3.kombu(), value)).isEqualTo(write(Jackson2.kombu(), value));
    }

    static Stream<Arguments> documents() {
        return Stream.of(
                Arguments.of("{\"count\":null}", Mutable.class),
                Arguments.of("{\"count\":\"5\",\"flag\":\"true\",\"ratio\":\"1.5\"}", Mutable.class),
                Arguments.of("{\"count\":1.9}", Mutable.class),
                Arguments.of("{\"count\":\"\"}", Mutable.class),
                Arguments.of("{\"unknown\":1}", Mutable.class),
                Arguments.of("{\"colour\":\"red\"}", Mutable.class),
                Arguments.of("{\"colour\":\"RED\"}", Mutable.class),
                Arguments.of("{\"colour\":\"verde\"}", Mutable.class),
                Arguments.of("{\"colour\":0}", Mutable.class),
                Arguments.of("{\"colour\":\"\"}", Mutable.class),
                Arguments.of("{\"month\":\"MAY\"}", Mutable.class),
                Arguments.of("{\"month\":5}", Mutable.class),
                Arguments.of("{\"month\":\"5\"}", Mutable.class),
                Arguments.of("{\"added\":[1,2]}", Mutable.class),
                Arguments.of("{\"numbers\":3}", Mutable.class),
                Arguments.of("{\"numbers\":\"\"}", Mutable.class),
                Arguments.of("{\"date\":\"2015-10-21T07:28:00Z\"}", Mutable.class),
                Arguments.of("{\"date\":1500}", Mutable.class),
                Arguments.of("{\"date\":\"2015-10-21\"}", Mutable.class),
                Arguments.of("{\"longs\":[1,\"2\"],\"letter\":\"x\",\"words\":[\"a\",null]}", Mutable.class),
                Arguments.of("{\"byDay\":{\"2015-10-21\":1}}", Mutable.class),
                Arguments.of("{\"any\":{\"__type__\":\"date\",\"__value__\":\"2015-10-21\"}}", Mutable.class),
                Arguments.of("{\"any\":[1,1.5,true,null,{\"a\":{}}]}", Mutable.class),
                Arguments.of("{\"flag\":1,\"ratio\":NaN}", Mutable.class),
                Arguments.of("{\"ratio\":\"NaN\"}", Mutable.class),
                Arguments.of("{\"count\":1,\"count\":2}", Mutable.class),
                Arguments.of("{\"first\":1,\"second\":2}", WithConstructor.class),
                Arguments.of("{\"first\":1}", Creator.class),
                Arguments.of("{\"first\":null,\"second\":2}", Creator.class),
                Arguments.of("{\"zebra\":5,\"fixed\":8}", Bean.class),
                Arguments.of("{\"tags\":[\"x\"]}", Bean.class),
                Arguments.of("{\"a\":1,\"b\":true}", Sparse.class),
                Arguments.of("{\"a\":[\"x\"]}", Sparse.class),
                Arguments.of("{\"a\":\"x\"} 1", Sparse.class),
                Arguments.of("\"\"", Sparse.class),
                Arguments.of("[]", Sparse.class),
                Arguments.of("null", Sparse.class),
                Arguments.of("null", int.class),
                Arguments.of("{\"kind\":\"circle\",\"radius\":2}", Shape.class),
                Arguments.of("{\"kind\":\"square\"}", Shape.class),
                Arguments.of("{\"radius\":2}", Shape.class),
                Arguments.of("{\"year\":2015,\"pause\":\"PT1S\",\"zoned\":\"2015-10-21T07:28:00+02:00\"}", Times.class),
                Arguments.of("{\"zoned\":\"2015-10-21T07:28:00+02:00[Europe/Paris]\"}", Times.class),
                Arguments.of(
                        "{\"offset\":\"2015-10-21T07:28:00.5-03:00\",\"naive\":\"2015-10-21T07:28\"}", Times.class),
                Arguments.of("{\"offset\":1445412480}", Times.class),
                Arguments.of("{\"pause\":5}", Times.class),
                Arguments.of("\"2015-10-21T07:28:00Z\"", Instant.class),
                Arguments.of("1445412480", Instant.class),
                Arguments.of("\"en_US\"", Locale.class),
                Arguments.of("\"en-US\"", Locale.class),
                Arguments.of("\"\"", Locale.class),
                Arguments.of("[1,2", Object.class),
                Arguments.of("{\"a\":1,}", Object.class),
                Arguments.of("// x\n1", Object.class),
                Arguments.of("01", Object.class),
                Arguments.of("+1", Object.class),
                Arguments.of(".5", Object.class),
                Arguments.of("'a'", Object.class),
                Arguments.of("\"\t\"", Object.class),
                Arguments.of("\ufeff1", Object.class),
                Arguments.of("[1e5,1E-7,123456789012345678901234567890,-0,-0.0]", Object.class),
                Arguments.of("1 2", Object.class),
                Arguments.of("", Object.class),
                Arguments.of(" ", Object.class),
                Arguments.of("[".repeat(1000) + "]".repeat(1000), Object.class),
                Arguments.of("[".repeat(1001) + "]".repeat(1001), Object.class),
                Arguments.of("1".repeat(1001), Object.class),
                Arguments.of("{\"" + "n".repeat(50_001) + "\":1}", Object.class));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void sameDocumentsAreRead(String document, Class<?> type) {
        for (List<Json> pair :
                List.of(List.of(Jackson2.plain(), Jackson3.plain()), List.of(Jackson2.kombu(), Jackson3.kombu()))) {
            Object expected = read(pair.get(0), document, type);
            Object read = read(pair.get(1), document, type);
            if (expected instanceof Class<?> refused) {
                assertThat(read).isEqualTo(refused);
            } else {
                assertThat(read)
                        .usingRecursiveComparison()
                        .withEqualsForType((a, b) -> Double.compare(a, b) == 0, Double.class)
                        .isEqualTo(expected);
            }
        }
    }

    /** Returns the class of the exception if the document is refused. */
    private static Object read(Json json, String document, Class<?> type) {
        try {
            return json.deserialize(document.getBytes(UTF_8), type);
        } catch (SerializationException e) {
            return e.getClass();
        }
    }

    private static String write(Json json, Object value) {
        try {
            return new String(json.serialize(value), UTF_8);
        } catch (SerializationException e) {
            return e.getClass().getName();
        }
    }
}
