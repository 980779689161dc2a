package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.testkit.ProtocolTable.FieldSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and writes the arguments of methods, the properties of messages, and field tables. */
final class FieldCodec {
    private FieldCodec() {}

    /** Reads the arguments of a method. */
    static Map<String, Object> readArguments(List<FieldSpec> fields, DataInputStream in) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        int bits = 0;
        int bit = 8;
        boolean afterBit = false;
        for (FieldSpec field : fields) {
            if (field.type().equals("bit")) {
                if (!afterBit || bit == 8) {
                    bits = in.readUnsignedByte();
                    bit = 0;
                }
                values.put(field.name(), (bits >> bit++ & 1) == 1);
                afterBit = true;
            } else {
                values.put(field.name(), read(field.type(), in));
                afterBit = false;
            }
        }
        return values;
    }

    /** Writes the arguments of a method; those that are not given are 0, empty or false. */
    static void writeArguments(String method, List<FieldSpec> fields, Map<String, ?> values, DataOutputStream out)
            throws IOException {
        requireKnown(method, fields, values);
        int bits = 0;
        int bit = 0;
        for (FieldSpec field : fields) {
            Object value = values.get(field.name());
            if (field.type().equals("bit")) {
                bits |= Boolean.TRUE.equals(value) ? 1 << bit : 0;
                bit++;
                continue;
            }
            if (bit > 0) {
                out.writeByte(bits);
                bits = 0;
                bit = 0;
            }
            write(field, value, out);
        }
        if (bit > 0) {
            out.writeByte(bits);
        }
    }

    private static void requireKnown(String what, List<FieldSpec> fields, Map<String, ?> values) {
        List<String> names = fields.stream().map(FieldSpec::name).toList();
        for (String name : values.keySet()) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException(what + ": '" + name + "' (expected: one of " + names + ")");
            }
        }
    }

    /** Reads the property flags and the properties that are present. */
    static Map<String, Object> readProperties(DataInputStream in) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        int flags = in.readUnsignedShort();
        int flag = 15;
        for (FieldSpec property : ProtocolTable.properties()) {
            if ((flags >> flag-- & 1) == 1) {
                values.put(property.name(), read(property.type(), in));
            }
        }
        return values;
    }

    /** Writes the property flags and the given properties. */
    static void writeProperties(Map<String, ?> values, DataOutputStream out) throws IOException {
        requireKnown("properties", ProtocolTable.properties(), values);
        int flags = 0;
        int flag = 15;
        for (FieldSpec property : ProtocolTable.properties()) {
            flags |= values.containsKey(property.name()) ? 1 << flag : 0;
            flag--;
        }
        out.writeShort(flags);
        for (FieldSpec property : ProtocolTable.properties()) {
            if (values.containsKey(property.name())) {
                write(property, values.get(property.name()), out);
            }
        }
    }

    private static Object read(String type, DataInputStream in) throws IOException {
        return switch (type) {
            case "octet" -> (long) in.readUnsignedByte();
            case "short" -> (long) in.readUnsignedShort();
            case "long" -> in.readInt() & 0xFFFF_FFFFL;
            case "longlong", "timestamp" -> in.readLong();
            case "shortstr" -> new String(in.readNBytes(in.readUnsignedByte()), UTF_8);
            case "longstr" -> in.readNBytes(in.readInt());
            case "table" -> readTable(in);
            default -> throw new IllegalStateException("type: " + type);
        };
    }

    private static void write(FieldSpec field, @Nullable Object value, DataOutputStream out) throws IOException {
        try {
            switch (field.type()) {
                case "octet" -> out.writeByte((int) number(value));
                case "short" -> out.writeShort((int) number(value));
                case "long" -> out.writeInt((int) number(value));
                case "longlong", "timestamp" -> out.writeLong(number(value));
                case "shortstr" -> writeShortString(value == null ? "" : (String) value, out);
                case "longstr" -> writeLongString(value == null ? "" : value, out);
                case "table" -> writeTable(value == null ? Map.of() : (Map<?, ?>) value, out);
                default -> throw new IllegalStateException("type: " + field.type());
            }
        } catch (ClassCastException e) {
            throw new IllegalArgumentException(field.name() + ": " + value + " (expected: a " + field.type() + ")", e);
        }
    }

    private static long number(@Nullable Object value) {
        return value == null ? 0 : ((Number) value).longValue();
    }

    private static void writeShortString(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length > 255) {
            throw new IllegalArgumentException("short string: " + bytes.length + " bytes (expected: <= 255)");
        }
        out.writeByte(bytes.length);
        out.write(bytes);
    }

    private static void writeLongString(Object value, DataOutputStream out) throws IOException {
        byte[] bytes = value instanceof byte[] given ? given : ((String) value).getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static Map<String, Object> readTable(DataInputStream in) throws IOException {
        DataInputStream table = new DataInputStream(new ByteArrayInputStream(in.readNBytes(in.readInt())));
        Map<String, Object> values = new LinkedHashMap<>();
        while (table.available() > 0) {
            String name = new String(table.readNBytes(table.readUnsignedByte()), UTF_8);
            values.put(name, readTyped(table));
        }
        return values;
    }

    /** The tags are those of RabbitMQ. A void is the text {@code "null"}: maps that cannot hold null are read. */
    private static Object readTyped(DataInputStream in) throws IOException {
        int tag = in.readUnsignedByte();
        return switch (tag) {
            case 't' -> in.readBoolean();
            case 'b' -> (long) in.readByte();
            case 'B' -> (long) in.readUnsignedByte();
            case 's' -> (long) in.readShort();
            case 'u' -> (long) in.readUnsignedShort();
            case 'I' -> (long) in.readInt();
            case 'i' -> in.readInt() & 0xFFFF_FFFFL;
            case 'l', 'T' -> in.readLong();
            case 'f' -> (double) in.readFloat();
            case 'd' -> in.readDouble();
            case 'D' -> {
                int scale = in.readUnsignedByte();
                yield new BigDecimal(BigInteger.valueOf(in.readInt()), scale);
            }
            case 'S' -> new String(in.readNBytes(in.readInt()), UTF_8);
            case 'x' -> in.readNBytes(in.readInt());
            case 'A' -> {
                DataInputStream array = new DataInputStream(new ByteArrayInputStream(in.readNBytes(in.readInt())));
                List<Object> values = new ArrayList<>();
                while (array.available() > 0) {
                    values.add(readTyped(array));
                }
                yield values;
            }
            case 'F' -> readTable(in);
            case 'V' -> "null";
            default -> throw new IOException("type tag: " + (char) tag + " (expected: one of tbBsuIilTfdDSxAFV)");
        };
    }

    private static void writeTable(Map<?, ?> values, DataOutputStream out) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream table = new DataOutputStream(bytes);
        for (Map.Entry<?, ?> entry : values.entrySet()) {
            writeShortString((String) entry.getKey(), table);
            writeTyped(entry.getValue(), table);
        }
        out.writeInt(bytes.size());
        bytes.writeTo(out);
    }

    private static void writeTyped(@Nullable Object value, DataOutputStream out) throws IOException {
        if (value == null) {
            out.writeByte('V');
        } else if (value instanceof Boolean flag) {
            out.writeByte('t');
            out.writeBoolean(flag);
        } else if (value instanceof Integer number) {
            out.writeByte('I');
            out.writeInt(number);
        } else if (value instanceof Long number) {
            out.writeByte('l');
            out.writeLong(number);
        } else if (value instanceof Double number) {
            out.writeByte('d');
            out.writeDouble(number);
        } else if (value instanceof String text) {
            out.writeByte('S');
            writeLongString(text, out);
        } else if (value instanceof byte[] bytes) {
            out.writeByte('x');
            writeLongString(bytes, out);
        } else if (value instanceof Map<?, ?> table) {
            out.writeByte('F');
            writeTable(table, out);
        } else if (value instanceof List<?> list) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream array = new DataOutputStream(bytes);
            for (Object element : list) {
                writeTyped(element, array);
            }
            out.writeByte('A');
            out.writeInt(bytes.size());
            bytes.writeTo(out);
        } else {
            throw new IllegalArgumentException(
                    "value in a table: " + value.getClass().getName() + " (expected: Boolean, Integer, Long, Double,"
                            + " String, byte[], Map, List or null)");
        }
    }
}
