package dev.holdfast.internal.wire;

import dev.holdfast.internal.text.Utf8;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The AMQP type {@code longstr}: immutable bytes, usually but not always UTF-8 text. */
public final class LongString {
    private static final LongString EMPTY = new LongString(new byte[0]);

    private final byte[] bytes;

    private LongString(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns a long string of a copy of these bytes. */
    public static LongString of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new LongString(bytes.clone());
    }

    /**
     * Returns a long string of this text in UTF-8; throws IllegalArgumentException, without the text, which may be a
     * secret, if UTF-8 cannot encode it.
     */
    public static LongString of(String text) {
        String problem = Utf8.problem(text);
        if (problem != null) {
            throw new IllegalArgumentException("long string: " + problem + " (expected: Unicode)");
        }
        return text.isEmpty() ? EMPTY : new LongString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a long string that keeps this array; the caller must not modify it afterwards. */
    static LongString owning(byte[] bytes) {
        return new LongString(bytes);
    }

    /** Returns a copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Returns the number of bytes. */
    public int length() {
        return bytes.length;
    }

    void writeTo(ByteBuf out) {
        out.writeBytes(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LongString that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Decodes the bytes as UTF-8; malformed bytes become U+FFFD. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
