package dev.holdfast;

/**
 * An unsigned integer for a header or an argument, with its width on the wire; Java has no such types. Received
 * unsigned integers have the next wider Java type (Short, Integer, Long). Kombu reads an octet above 127 as negative.
 * Immutable.
 */
public final class Unsigned {
    private final Size size;
    private final long value;

    private Unsigned(Size size, long value) {
        if (value < 0 || value > size.max) {
            throw new IllegalArgumentException("value: " + value + " (expected: 0.." + size.max + ")");
        }
        this.size = size;
        this.value = value;
    }

    /** Returns an unsigned 8-bit integer; throws IllegalArgumentException outside 0..255. */
    public static Unsigned octet(int value) {
        return new Unsigned(Size.OCTET, value);
    }

    /** Returns an unsigned 16-bit integer; throws IllegalArgumentException outside 0..65535. */
    public static Unsigned shortInt(int value) {
        return new Unsigned(Size.SHORT_INT, value);
    }

    /** Returns an unsigned 32-bit integer; throws IllegalArgumentException outside 0..4294967295. */
    public static Unsigned longInt(long value) {
        return new Unsigned(Size.LONG_INT, value);
    }

    /** Returns the width on the wire. */
    public Size size() {
        return size;
    }

    /** Returns the number. */
    public long value() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Unsigned that && size == that.size && value == that.value;
    }

    @Override
    public int hashCode() {
        return 31 * size.hashCode() + Long.hashCode(value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }

    /** The widths of unsigned integers on the wire. */
    public enum Size {
        /** 8 bits. */
        OCTET(0xFFL),
        /** 16 bits. */
        SHORT_INT(0xFFFFL),
        /** 32 bits. */
        LONG_INT(0xFFFF_FFFFL);

        private final long max;

        Size(long max) {
            this.max = max;
        }
    }
}
