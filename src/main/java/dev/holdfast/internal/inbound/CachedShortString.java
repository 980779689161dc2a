package dev.holdfast.internal.inbound;

import dev.holdfast.internal.wire.WireReader;

/** Decodes a short string that usually repeats, and returns the previous object if it does. Not thread-safe. */
final class CachedShortString {
    private final RepeatDetector repeats = new RepeatDetector();
    private String text = "";

    /** Reads like {@link WireReader#readShortString}. */
    String read(WireReader reader) {
        int length = reader.peekShortString();
        if (repeats.isRepeated(reader.in(), reader.in().readerIndex() + 1, length)) {
            reader.in().skipBytes(length + 1);
        } else {
            text = reader.readShortString();
        }
        return text;
    }
}
