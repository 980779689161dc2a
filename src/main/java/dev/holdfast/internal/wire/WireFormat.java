package dev.holdfast.internal.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** What {@link WireReader}, {@link WireWriter} and {@link FieldTable} share: bounds and strings. */
final class WireFormat {
    private static final int MAX_SHORT_STRING = 255;
    private static final int SHOWN = 64;

    private WireFormat() {}

    /** Refuses to read {@code length} bytes when fewer stand before {@code end}. */
    static void require(ByteBuf in, int end, long length, String what) {
        int remaining = end - in.readerIndex();
        if (length > remaining) {
            throw new MalformedException(what + ": " + length + " bytes (expected: <= " + remaining + " that remain)");
        }
    }

    /** Bytes that are no UTF-8 become U+FFFD: brokers pass on whatever another client called its queue. */
    static String readShortString(ByteBuf in, int end) {
        require(in, end, 1, "length of short string");
        int length = in.readUnsignedByte();
        require(in, end, length, "short string");
        return length == 0 ? "" : in.readString(length, StandardCharsets.UTF_8);
    }

    static byte[] readLongString(ByteBuf in, int end) {
        require(in, end, 4, "length of long string");
        long length = in.readUnsignedInt();
        require(in, end, length, "long string");
        byte[] bytes = new byte[(int) length];
        in.readBytes(bytes);
        return bytes;
    }

    static void writeShortString(ByteBuf out, String text) {
        int start = out.writerIndex();
        if (text.length() > MAX_SHORT_STRING) {
            throw tooLong(text, ByteBufUtil.utf8Bytes(text));
        }
        out.writeByte(0);
        int length = ByteBufUtil.writeUtf8(out, text);
        if (length > MAX_SHORT_STRING) {
            out.writerIndex(start);
            throw tooLong(text, length);
        }
        out.setByte(start, length);
    }

    static void writeLongString(ByteBuf out, CharSequence text) {
        int start = out.writerIndex();
        out.writeInt(0);
        out.setInt(start, ByteBufUtil.writeUtf8(out, text));
    }

    /** Seconds that no Instant can hold are brought to its nearest end: another client's folly is not a broken frame. */
    static Instant instant(long seconds) {
        if (seconds > Instant.MAX.getEpochSecond()) {
            return Instant.ofEpochSecond(Instant.MAX.getEpochSecond());
        }
        return seconds < Instant.MIN.getEpochSecond() ? Instant.MIN : Instant.ofEpochSecond(seconds);
    }

    private static IllegalArgumentException tooLong(String text, int length) {
        String shown = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
        return new IllegalArgumentException("short string: '" + shown + "' of " + length
                + " bytes in UTF-8 (expected: <= " + MAX_SHORT_STRING + ")");
    }
}
