package dev.holdfast.internal.wire;

/** Stub of the library's type. */
public record LongString(String text) {
    public static LongString of(String text) {
        return new LongString(text);
    }
}
