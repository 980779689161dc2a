package dev.holdfast.internal.wire;

/** Stands in for the library's. */
public record LongString(String text) {
    public static LongString of(String text) {
        return new LongString(text);
    }
}
