package dev.holdfast.internal.wire;

import dev.holdfast.Unsigned;
import dev.holdfast.internal.text.Utf8;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes field tables with the type codes that brokers use, which differ from those of the specification.
 *
 * <pre>
 *   table  size(4) { name(short string) type(1) value }*      array  size(4) { type(1) value }*
 *
 *   read:     t Boolean   b Byte   B Short   s Short   u Integer   I Integer   i Long   l, L Long
 *             f Float     d Double   D BigDecimal: scale(1) unscaled(4)   T Instant, whole seconds
 *             S String    x byte[]   A List   F Map   V null
 *   written:  an integer as I if it fits 32 bits, else as l; {@link Unsigned} as B, u or i; others as they are read
 * </pre>
 *
 * Clients disagree about b, s and l, so that an integer is written in the form that all read the same. A long string
 * that is not UTF-8 is read as {@code byte[]}. {@link FieldValues} has the values that can be written. Stateless.
 */
public final class FieldTable {
    /** Maximum nesting of tables and arrays, including the outermost table. */
    static final int MAX_DEPTH = 32;

    private FieldTable() {}

    /** Reads a table that ends at or before the index {@code end}. The result is unmodifiable. */
    public static Map<String, Object> read(ByteBuf in, int end) {
        return readTable(in, end, 1);
    }

    /** Whether a value that {@link #read} returned is deeply immutable: it is unless it contains a {@code byte[]}. */
    public static boolean isImmutable(@Nullable Object value) {
        if (value instanceof Map<?, ?> table) {
            return table.values().stream().allMatch(FieldTable::isImmutable);
        }
        return value instanceof List<?> values
                ? values.stream().allMatch(FieldTable::isImmutable)
                : !(value instanceof byte[]);
    }

    /** Writes the length of a table and its entries. */
    public static void write(ByteBuf out, Map<String, ?> table) {
        if (table.isEmpty()) {
            out.writeInt(0);
        } else {
            writeTable(out, table, "", 1);
        }
    }

    private static Map<String, Object> readTable(ByteBuf in, int outerEnd, int depth) {
        int end = readEnd(in, outerEnd, depth, "field table");
        if (in.readerIndex() == end) {
            return Collections.emptyMap();
        }
        Map<String, Object> table = new LinkedHashMap<>();
        while (in.readerIndex() < end) {
            String name = WireFormat.readShortString(in, end);
            table.put(name, readValue(in, end, depth));
        }
        return Collections.unmodifiableMap(table);
    }

    private static List<Object> readArray(ByteBuf in, int outerEnd, int depth) {
        int end = readEnd(in, outerEnd, depth, "field array");
        List<Object> values = new ArrayList<>();
        while (in.readerIndex() < end) {
            values.add(readValue(in, end, depth));
        }
        return Collections.unmodifiableList(values);
    }

    private static int readEnd(ByteBuf in, int outerEnd, int depth, String what) {
        if (depth > MAX_DEPTH) {
            throw new MalformedException(what + " nesting: " + depth + " (expected: <= " + MAX_DEPTH + ")");
        }
        WireFormat.require(in, outerEnd, 4, "length of " + what);
        long length = in.readUnsignedInt();
        WireFormat.require(in, outerEnd, length, what);
        return in.readerIndex() + (int) length;
    }

    private static @Nullable Object readValue(ByteBuf in, int end, int depth) {
        WireFormat.require(in, end, 1, "field type");
        byte type = in.readByte();
        WireFormat.require(in, end, fixedSize(type), "field value");
        return switch (type) {
            case 't' -> in.readByte() != 0;
            case 'b' -> in.readByte();
            case 'B' -> in.readUnsignedByte();
            case 's' -> in.readShort();
            case 'u' -> in.readUnsignedShort();
            case 'I' -> in.readInt();
            case 'i' -> in.readUnsignedInt();
            case 'l', 'L' -> in.readLong();
            case 'f' -> in.readFloat();
            case 'd' -> in.readDouble();
            case 'D' -> readDecimal(in);
            case 'S' -> decodeText(WireFormat.readLongString(in, end));
            case 'x' -> WireFormat.readLongString(in, end);
            case 'A' -> readArray(in, end, depth + 1);
            case 'F' -> readTable(in, end, depth + 1);
            case 'T' -> WireFormat.instant(in.readLong());
            case 'V' -> null;
            default -> throw new MalformedException("field type: 0x" + Integer.toHexString(type & 0xFF));
        };
    }

    /** Size of a type of fixed size; 0 for strings, arrays and tables, which check their own lengths. */
    private static int fixedSize(byte type) {
        return switch (type) {
            case 't', 'b', 'B' -> 1;
            case 's', 'u' -> 2;
            case 'I', 'i', 'f' -> 4;
            case 'D' -> 5;
            case 'l', 'L', 'd', 'T' -> 8;
            default -> 0;
        };
    }

    private static BigDecimal readDecimal(ByteBuf in) {
        int scale = in.readUnsignedByte();
        return BigDecimal.valueOf(in.readInt(), scale);
    }

    private static Object decodeText(byte[] bytes) {
        String text = Utf8.decode(bytes);
        return text == null ? bytes : text;
    }

    private static void writeTable(ByteBuf out, Map<?, ?> table, String outerName, int depth) {
        int start = begin(out, outerName, depth);
        for (Map.Entry<?, ?> entry : table.entrySet()) {
            if (!(entry.getKey() instanceof String name)) {
                throw new IllegalArgumentException("key of a field table: " + entry.getKey() + " (expected: a string)");
            }
            WireFormat.writeShortString(out, name);
            writeValue(out, name, entry.getValue(), depth);
        }
        end(out, start);
    }

    private static void writeArray(ByteBuf out, Collection<?> values, String name, int depth) {
        int start = begin(out, name, depth);
        for (Object value : values) {
            writeValue(out, name, value, depth);
        }
        end(out, start);
    }

    private static int begin(ByteBuf out, String name, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "nesting of '" + name + "': " + depth + " (expected: <= " + MAX_DEPTH + ")");
        }
        out.writeInt(0);
        return out.writerIndex();
    }

    private static void end(ByteBuf out, int start) {
        out.setInt(start - 4, out.writerIndex() - start);
    }

    private static void writeValue(ByteBuf out, String name, @Nullable Object value, int depth) {
        if (value instanceof Map<?, ?> table) {
            out.writeByte('F');
            writeTable(out, table, name, depth + 1);
        } else if (value instanceof Collection<?> values) {
            out.writeByte('A');
            writeArray(out, values, name, depth + 1);
        } else if (value instanceof Object[] values) {
            out.writeByte('A');
            writeArray(out, Arrays.asList(values), name, depth + 1);
        } else {
            String problem = FieldValues.problem(value);
            if (problem != null) {
                throw new IllegalArgumentException(name + ": " + problem);
            }
            writeSingle(out, value);
        }
    }

    /** Writes a value that {@link FieldValues} accepts. */
    @SuppressWarnings("JavaUtilDate") // toInstant() throws in java.sql.Date and java.sql.Time
    private static void writeSingle(ByteBuf out, @Nullable Object value) {
        if (value == null) {
            out.writeByte('V');
        } else if (value instanceof Number number) {
            writeNumber(out, number);
        } else if (value instanceof Boolean flag) {
            out.writeByte('t').writeBoolean(flag);
        } else if (value instanceof Instant instant) {
            out.writeByte('T').writeLong(instant.getEpochSecond());
        } else if (value instanceof Date date) {
            out.writeByte('T').writeLong(Math.floorDiv(date.getTime(), 1000L));
        } else if (value instanceof byte[] bytes) {
            out.writeByte('x').writeInt(bytes.length).writeBytes(bytes);
        } else if (value instanceof Unsigned unsigned) {
            writeUnsigned(out, unsigned);
        } else if (value instanceof LongString string) {
            out.writeByte('S').writeInt(string.length());
            string.writeTo(out);
        } else {
            out.writeByte('S').writeInt(0);
            int start = out.writerIndex();
            out.setInt(start - 4, ByteBufUtil.writeUtf8(out, value.toString()));
        }
    }

    private static void writeNumber(ByteBuf out, Number value) {
        if (value instanceof Double) {
            out.writeByte('d').writeDouble(value.doubleValue());
        } else if (value instanceof Float) {
            out.writeByte('f').writeFloat(value.floatValue());
        } else if (value instanceof BigDecimal decimal) {
            out.writeByte('D')
                    .writeByte(decimal.scale())
                    .writeInt(decimal.unscaledValue().intValue());
        } else if (value.longValue() == value.intValue()) {
            out.writeByte('I').writeInt(value.intValue());
        } else {
            out.writeByte('l').writeLong(value.longValue());
        }
    }

    private static void writeUnsigned(ByteBuf out, Unsigned value) {
        switch (value.size()) {
            case OCTET -> out.writeByte('B').writeByte((int) value.value());
            case SHORT_INT -> out.writeByte('u').writeShort((int) value.value());
            case LONG_INT -> out.writeByte('i').writeInt((int) value.value());
        }
    }
}
