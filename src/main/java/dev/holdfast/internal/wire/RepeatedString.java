package dev.holdfast.internal.wire;

/** A short string that is most often the one that stood in the same place before. Not thread-safe. */
public final class RepeatedString {
    private final LastSeen seen = new LastSeen();
    private String text = "";

    /** Reads it like {@link WireReader#readShortString}. */
    public String read(WireReader reader) {
        int length = reader.peekShortString();
        if (seen.isRepeated(reader.in(), reader.in().readerIndex() + 1, length)) {
            reader.in().skipBytes(length + 1);
        } else {
            text = reader.readShortString();
        }
        return text;
    }
}
