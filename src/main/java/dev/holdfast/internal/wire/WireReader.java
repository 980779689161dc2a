package dev.holdfast.internal.wire;

import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.Map;

/**
 * Reads the grammar's types from a buffer and never past its end, which is the writer index at construction or a given
 * length. Every method throws {@link MalformedException} when what it needs is not there. Not thread-safe.
 */
public final class WireReader {
    private final ByteBuf in;
    private final int end;

    /** Reads from the reader index to the writer index. */
    public WireReader(ByteBuf in) {
        this(in, in.readableBytes());
    }

    /** Reads {@code length} bytes from the reader index on; there must be as many. */
    public WireReader(ByteBuf in, int length) {
        WireFormat.require(in, in.writerIndex(), length, "length to read");
        this.in = in;
        this.end = in.readerIndex() + length;
    }

    public int readOctet() {
        WireFormat.require(in, end, 1, "octet");
        return in.readUnsignedByte();
    }

    /** An unsigned 16-bit integer. */
    public int readShort() {
        WireFormat.require(in, end, 2, "short");
        return in.readUnsignedShort();
    }

    /** An unsigned 32-bit integer. */
    public long readLong() {
        WireFormat.require(in, end, 4, "long");
        return in.readUnsignedInt();
    }

    public long readLongLong() {
        WireFormat.require(in, end, 8, "longlong");
        return in.readLong();
    }

    /** One octet of packed bits, the first field in the lowest bit. */
    public int readBits() {
        WireFormat.require(in, end, 1, "bits");
        return in.readUnsignedByte();
    }

    /** At most 255 bytes; those that are no UTF-8 become U+FFFD. */
    public String readShortString() {
        return WireFormat.readShortString(in, end);
    }

    /** The length of the short string that comes next, all of it there; nothing is read. */
    public int peekShortString() {
        WireFormat.require(in, end, 1, "length of short string");
        int length = in.getUnsignedByte(in.readerIndex());
        WireFormat.require(in, end, length + 1L, "short string");
        return length;
    }

    public ByteBuf in() {
        return in;
    }

    public LongString readLongString() {
        return LongString.owning(WireFormat.readLongString(in, end));
    }

    /** Whole seconds; what no Instant can hold becomes the nearest that it can. */
    public Instant readTimestamp() {
        return WireFormat.instant(readLongLong());
    }

    /** An unmodifiable map in the order of the wire; see {@link FieldTable} for the types of its values. */
    public Map<String, Object> readTable() {
        return FieldTable.read(in, end);
    }
}
