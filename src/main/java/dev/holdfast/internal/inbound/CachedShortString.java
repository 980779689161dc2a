package dev.holdfast.internal.inbound;

import dev.holdfast.internal.wire.WireReader;

/** A short string that is most often the one that stood in the same place before. Not thread-safe. */
final class CachedShortString {
    private final RepeatDetector seen = new RepeatDetector();
    private String text = "";

    /** Reads it like {@link WireReader#readShortString}. */
    String read(WireReader reader) {
        int length = reader.peekShortString();
        if (seen.isRepeated(reader.in(), reader.in().readerIndex() + 1, length)) {
            reader.in().skipBytes(length + 1);
        } else {
            text = reader.readShortString();
        }
        return text;
    }
}
