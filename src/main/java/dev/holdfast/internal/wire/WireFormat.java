package dev.holdfast.internal.wire;

import dev.holdfast.internal.text.Utf8;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Bounds checks, strings and time stamps, shared by {@link WireReader}, {@link WireWriter} and {@link FieldTable}. */
final class WireFormat {
    private static final int MAX_SHORT_STRING_BYTES = 255;
    private static final int MAX_QUOTED_CHARS = 64;

    private WireFormat() {}

    /** Throws {@link MalformedException} if fewer than {@code length} bytes remain before {@code end}. */
    static void require(ByteBuf in, int end, long length, String what) {
        int remaining = end - in.readerIndex();
        if (length > remaining) {
            throw new MalformedException(what + ": " + length + " bytes (expected: <= " + remaining + " that remain)");
        }
    }

    /** Malformed UTF-8 becomes U+FFFD, not an error: brokers accept any bytes as a name and pass them on. */
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
        if (text.length() > MAX_SHORT_STRING_BYTES) {
            throw tooLong(text, ByteBufUtil.utf8Bytes(text));
        }
        requireUnicode(text);
        out.writeByte(0);
        int length = ByteBufUtil.writeUtf8(out, text);
        if (length > MAX_SHORT_STRING_BYTES) {
            out.writerIndex(start);
            throw tooLong(text, length);
        }
        out.setByte(start, length);
    }

    private static void requireUnicode(String text) {
        String problem = Utf8.problem(text);
        if (problem != null) {
            throw new IllegalArgumentException("short string: " + FieldValues.textProblem(text, problem));
        }
    }

    private static String quoted(String text) {
        return text.length() <= MAX_QUOTED_CHARS ? text : text.substring(0, MAX_QUOTED_CHARS) + "...";
    }

    /**
     * Seconds outside the range of Instant become its nearest limit: the value of another client is no malformed frame.
     */
    static Instant instant(long seconds) {
        if (seconds > Instant.MAX.getEpochSecond()) {
            return Instant.ofEpochSecond(Instant.MAX.getEpochSecond());
        }
        return seconds < Instant.MIN.getEpochSecond() ? Instant.MIN : Instant.ofEpochSecond(seconds);
    }

    private static IllegalArgumentException tooLong(String text, int length) {
        return new IllegalArgumentException("short string: '" + quoted(text) + "' of " + length
                + " bytes in UTF-8 (expected: <= " + MAX_SHORT_STRING_BYTES + ")");
    }
}
