package dev.holdfast.internal.wire;

import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.Map;

/**
 * Reads the primitive types of AMQP from a buffer, up to the writer index at construction or a given length. Every read
 * method throws {@link MalformedException} if fewer bytes remain than it needs. Not thread-safe.
 */
public final class WireReader {
    private final ByteBuf in;
    private final int end;

    /** Reads from the reader index to the writer index. */
    public WireReader(ByteBuf in) {
        this(in, in.readableBytes());
    }

    /** Reads {@code length} bytes from the reader index on; throws {@link MalformedException} if fewer are readable. */
    public WireReader(ByteBuf in, int length) {
        WireFormat.require(in, in.writerIndex(), length, "length to read");
        this.in = in;
        this.end = in.readerIndex() + length;
    }

    /** An unsigned 8-bit integer. */
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

    /** A 64-bit integer. */
    public long readLongLong() {
        WireFormat.require(in, end, 8, "longlong");
        return in.readLong();
    }

    /** One octet of packed bits, the first field in the lowest bit. */
    public int readBits() {
        WireFormat.require(in, end, 1, "bits");
        return in.readUnsignedByte();
    }

    /** At most 255 bytes; malformed UTF-8 becomes U+FFFD. */
    public String readShortString() {
        return WireFormat.readShortString(in, end);
    }

    /** Returns the length in bytes of the next short string, and checks that all of it remains; reads nothing. */
    public int peekShortString() {
        WireFormat.require(in, end, 1, "length of short string");
        int length = in.getUnsignedByte(in.readerIndex());
        WireFormat.require(in, end, length + 1L, "short string");
        return length;
    }

    /** The buffer that is read. */
    public ByteBuf in() {
        return in;
    }

    public LongString readLongString() {
        return LongString.owning(WireFormat.readLongString(in, end));
    }

    /** Whole seconds; a value outside the range of Instant becomes its nearest limit. */
    public Instant readTimestamp() {
        return WireFormat.instant(readLongLong());
    }

    /** An unmodifiable map in the order of the wire; {@link FieldTable} lists the types of its values. */
    public Map<String, Object> readTable() {
        return FieldTable.read(in, end);
    }
}
