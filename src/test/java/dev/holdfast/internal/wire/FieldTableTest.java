package dev.holdfast.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.impl.ValueReader;
import com.rabbitmq.client.impl.ValueWriter;
import dev.holdfast.Unsigned;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

@SuppressWarnings("JavaUtilDate") // a type of the Java client
class FieldTableTest {
    @Test
    void tableOfEveryTypeIsReadAsWritten() {
        Map<String, Object> table = everyType();
        Map<String, Object> read = read(write(table));
        assertThat(normalized(read)).usingRecursiveComparison().isEqualTo(normalized(table));
        assertThat(read.keySet()).containsExactlyElementsOf(table.keySet());
    }

    @Test
    void integersAreWrittenInTheFormThatAllClientsReadTheSame() {
        Map<String, Object> table = new LinkedHashMap<>();
        for (Object number : List.of((byte) -7, (short) 258, -5L, (long) Integer.MIN_VALUE, BigInteger.TEN)) {
            table.put(number.toString(), number);
        }
        assertThat(read(write(table)).values()).containsExactly(-7, 258, -5, Integer.MIN_VALUE, 10);
        assertThat(read(write(Map.of("k", 1L << 31)))).containsEntry("k", 1L << 31);
        assertThat(write(Map.of("k", -(1L << 40)))).contains('l');
    }

    @Test
    void valuesThatNoClientOrSomeCannotReadAreRefused() {
        for (Object value : List.of(Double.NaN, Double.NEGATIVE_INFINITY, Float.NaN, Float.POSITIVE_INFINITY)) {
            refused(value, "k: " + value + " (expected: a finite number)");
        }
        refused(Instant.parse("1969-12-31T23:59:59.5Z"), "k: 1969-12-31T23:59:59.500Z (expected: 1970 to 9999)");
        refused(new Date(-1), "k: 1969-12-31T23:59:59.999Z (expected: 1970 to 9999)");
        refused(Instant.parse("+10000-01-01T00:00:00Z"), "k: +10000-01-01T00:00:00Z (expected: 1970 to 9999)");
        refused("a\ud800", "k: 'a\ud800', half a surrogate pair at 1 (expected: Unicode)");
        refused('\ude00', "k: '\ude00', half a surrogate pair at 0 (expected: Unicode)");
        refused(CharBuffer.wrap("\ude00\ud83d"), "k: '\ude00\ud83d', half a surrogate pair at 0");
        assertThat(read(write(Map.of("k", "\ud83d\ude00")))).containsEntry("k", "\ud83d\ude00");
        Instant last = Instant.parse("9999-12-31T23:59:59Z");
        assertThat(read(write(Map.of("k", last, "e", Instant.EPOCH))))
                .containsEntry("k", last)
                .containsEntry("e", Instant.EPOCH);
    }

    private static void refused(Object value, String message) {
        for (Object nested : List.of(value, List.of(value), new Object[] {value})) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> write(Map.of("k", nested)))
                    .withMessageStartingWith(message);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> write(Map.of("outer", Map.of("k", value))))
                .withMessageStartingWith(message);
    }

    @Test
    void valuesWithoutATypeAreWrittenAsTheNearestType() {
        Map<String, Object> table = new LinkedHashMap<>();
        table.put("octet", Unsigned.octet(200));
        table.put("short", Unsigned.shortInt(60000));
        table.put("long", Unsigned.longInt(4_000_000_000L));
        table.put("char", 'c');
        table.put("builder", CharBuffer.wrap("text"));
        table.put("longString", LongString.of("bytes"));
        table.put("date", new Date(1999));
        table.put("big", BigInteger.valueOf(Long.MIN_VALUE));
        table.put("array", new Object[] {1, "two"});
        assertThat(read(write(table)))
                .containsEntry("octet", (short) 200)
                .containsEntry("short", 60000)
                .containsEntry("long", 4_000_000_000L)
                .containsEntry("char", "c")
                .containsEntry("builder", "text")
                .containsEntry("longString", "bytes")
                .containsEntry("date", Instant.ofEpochSecond(1))
                .containsEntry("big", Long.MIN_VALUE)
                .containsEntry("array", List.of(1, "two"));
    }

    @Test
    void javaClientReadsAndWritesEqualTables() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            Map<String, Object> table = randomTable(random, 0);
            byte[] ours = write(table);
            Map<String, Object> theirs =
                    new ValueReader(new DataInputStream(new ByteArrayInputStream(ours))).readTable();
            assertThat(normalized(theirs)).as("seed %d", seed).isEqualTo(normalized(table));

            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new ValueWriter(new DataOutputStream(bytes)).writeTable(theirs);
            assertThat(normalized(read(bytes.toByteArray())))
                    .as("seed %d", seed)
                    .isEqualTo(normalized(table));
        }
    }

    @Test
    void longStringThatIsNotUtf8IsReadAsBytes() {
        byte[] table = {0, 0, 0, 9, 1, 'k', 'S', 0, 0, 0, 2, (byte) 0xC3, 0x28};
        assertThat(read(table).get("k")).isEqualTo(new byte[] {(byte) 0xC3, 0x28});
    }

    @Test
    void unsupportedValueIsRejectedWithItsNameAndClass() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> write(Map.of("when", new Object())))
                .withMessageStartingWith("when: a java.lang.Object");
        assertThatIllegalArgumentException().isThrownBy(() -> write(Map.of("k", new BigDecimal("1e40"))));
        assertThatIllegalArgumentException().isThrownBy(() -> write(Map.of("k", new BigDecimal("12345678901"))));
        assertThatIllegalArgumentException().isThrownBy(() -> write(Map.of("k", BigInteger.ONE.shiftLeft(63))));
        assertThatIllegalArgumentException().isThrownBy(() -> write(Map.of("k".repeat(256), 1)));
        assertThatIllegalArgumentException().isThrownBy(() -> write(Map.of("k", Map.of(1, 2))));
    }

    @Test
    void tooDeepNestingIsRejected() {
        assertThat(read(write(nested(FieldTable.MAX_DEPTH)))).containsKey("t");
        assertThatIllegalArgumentException().isThrownBy(() -> write(nested(FieldTable.MAX_DEPTH + 1)));
        Map<String, Object> loop = new LinkedHashMap<>();
        loop.put("self", loop);
        assertThatIllegalArgumentException().isThrownBy(() -> write(loop));

        ByteBuf deep = Unpooled.buffer();
        int levels = FieldTable.MAX_DEPTH + 1;
        for (int level = levels; level > 0; level--) {
            deep.writeInt((level - 1) * 7).writeByte(1).writeByte('t').writeByte('F');
        }
        deep.setInt(0, (levels - 1) * 7 + 3).writeInt(0);
        assertThatThrownBy(() -> FieldTable.read(deep, deep.writerIndex())).isInstanceOf(MalformedException.class);
    }

    @Test
    void unknownTypesAndWrongLengthsAreMalformed() {
        assertMalformed(0, 0, 0, 3, 1, 'k', 'z');
        assertMalformed(0, 0, 0, 9, 1, 'k', 'I', 0, 0);
        assertMalformed(0, 0, 0, 4, 1, 'k', 'I', 0, 0, 0, 1);
        assertMalformed(0, 0, 0, 7, 1, 'k', 'S', 0x7F, -1, -1, -1);
        assertMalformed(0, 0, 0, 7, 1, 'k', 'A', 0x7F, -1, -1, -1);
        assertMalformed(-1, -1, -1, -1, 1, 'k', 't', 1);
        assertMalformed(0, 0, 0, 2, 1, 'k');
    }

    private static void assertMalformed(int... octets) {
        ByteBuf in = Unpooled.buffer();
        Arrays.stream(octets).forEach(in::writeByte);
        assertThatThrownBy(() -> FieldTable.read(in, in.writerIndex())).isInstanceOf(MalformedException.class);
    }

    private static Map<String, Object> nested(int depth) {
        Map<String, Object> table = Map.of();
        for (int i = 1; i < depth; i++) {
            table = Map.of("t", table);
        }
        return table;
    }

    private static Map<String, Object> everyType() {
        Map<String, Object> table = new LinkedHashMap<>();
        table.put("boolean", true);
        table.put("byte", (byte) -1);
        table.put("short", (short) -300);
        table.put("int", Integer.MIN_VALUE);
        table.put("long", Long.MAX_VALUE);
        table.put("float", 1.5f);
        table.put("double", -2.25);
        table.put("decimal", new BigDecimal("-123.45"));
        table.put("string", "grün");
        table.put("bytes", new byte[] {0, -1});
        table.put("array", Arrays.asList(1, null, List.of("x"), Map.of("y", 2L)));
        table.put("time", Instant.ofEpochSecond(1_700_000_000L));
        table.put("table", Map.of("inner", false));
        table.put("empty", Map.of());
        table.put("void", null);
        return table;
    }

    private static Map<String, Object> randomTable(Random random, int depth) {
        Map<String, Object> table = new LinkedHashMap<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            table.put("k" + random.nextInt(1000), randomValue(random, depth));
        }
        return table;
    }

    private static Object randomValue(Random random, int depth) {
        return switch (random.nextInt(depth < 3 ? 13 : 11)) {
            case 0 -> random.nextBoolean();
            case 1 -> (byte) random.nextInt();
            case 2 -> (short) random.nextInt();
            case 3 -> random.nextInt();
            case 4 -> random.nextLong();
            case 5 -> random.nextFloat();
            case 6 -> random.nextDouble();
            case 7 -> BigDecimal.valueOf(random.nextInt(), random.nextInt(256));
            case 8 -> "text " + random.nextInt();
            case 9 -> Instant.ofEpochSecond(random.nextInt(Integer.MAX_VALUE));
            case 10 -> null;
            case 11 -> randomTable(random, depth + 1);
            default -> Arrays.asList(randomValue(random, depth + 1), randomValue(random, depth + 1));
        };
    }

    /** Converts the types of either client to comparable ones, and integers to their widest. */
    private static Object normalized(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> copy.put(key, normalized(item)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(item -> copy.add(normalized(item)));
            return copy;
        }
        if (value instanceof Date date) {
            return Instant.ofEpochMilli(date.getTime());
        }
        if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
            return ((Number) value).longValue();
        }
        return value instanceof com.rabbitmq.client.LongString text ? text.toString() : value;
    }

    private static byte[] write(Map<String, Object> table) {
        ByteBuf out = Unpooled.buffer();
        FieldTable.write(out, table);
        return ByteBufUtil.getBytes(out);
    }

    private static Map<String, Object> read(byte[] bytes) {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        Map<String, Object> table = FieldTable.read(in, in.writerIndex());
        assertThat(in.isReadable()).isFalse();
        return table;
    }
}
