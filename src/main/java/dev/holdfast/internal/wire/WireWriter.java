package dev.holdfast.internal.wire;

import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.Map;

/**
 * Writes the primitive types of AMQP to a buffer. A value outside the range of its type causes an {@link
 * IllegalArgumentException} that names value and limit; earlier values stay in the buffer. Not thread-safe.
 */
public final class WireWriter {
    private static final long MAX_LONG = 0xFFFF_FFFFL;

    private final ByteBuf out;

    public WireWriter(ByteBuf out) {
        this.out = out;
    }

    public void writeOctet(int value) {
        checkRange("octet", value, 0xFF);
        out.writeByte(value);
    }

    /** An unsigned 16-bit integer. */
    public void writeShort(int value) {
        checkRange("short", value, 0xFFFF);
        out.writeShort(value);
    }

    /** An unsigned 32-bit integer. */
    public void writeLong(long value) {
        checkRange("long", value, MAX_LONG);
        out.writeInt((int) value);
    }

    public void writeLongLong(long value) {
        out.writeLong(value);
    }

    /** One octet of packed bits, the first field in the lowest bit. */
    public void writeBits(int bits) {
        out.writeByte(bits);
    }

    public void writeShortString(String value) {
        WireFormat.writeShortString(out, value);
    }

    public void writeLongString(LongString value) {
        out.writeInt(value.length());
        value.writeTo(out);
    }

    /** Whole seconds, from 1970 to 9999: the fraction is dropped. */
    public void writeTimestamp(Instant value) {
        String problem = FieldValues.timeProblem(value);
        if (problem != null) {
            throw new IllegalArgumentException("timestamp: " + problem);
        }
        out.writeLong(value.getEpochSecond());
    }

    /** {@link FieldTable} lists the supported types of values. */
    public void writeTable(Map<String, ?> table) {
        FieldTable.write(out, table);
    }

    private static void checkRange(String type, long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(type + ": " + value + " (expected: 0.." + max + ")");
        }
    }
}
