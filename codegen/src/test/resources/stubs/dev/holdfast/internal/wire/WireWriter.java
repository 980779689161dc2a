package dev.holdfast.internal.wire;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Stub of the library's type: records the written values, in the format that the reader takes. */
public final class WireWriter {
    private final List<String> values = new ArrayList<>();

    public List<String> values() {
        return values;
    }

    public void writeOctet(int value) {
        values.add("octet=" + value);
    }

    public void writeShort(int value) {
        values.add("short=" + value);
    }

    public void writeLong(long value) {
        values.add("long=" + value);
    }

    public void writeLongLong(long value) {
        values.add("longlong=" + value);
    }

    public void writeShortString(String value) {
        values.add("shortstr=" + value);
    }

    public void writeLongString(LongString value) {
        values.add("longstr=" + value.text());
    }

    public void writeTimestamp(Instant value) {
        values.add("timestamp=" + value);
    }

    public void writeTable(Map<String, ?> value) {
        values.add("table=" + (value.isEmpty() ? "" : value.get("k")));
    }

    public void writeBits(int value) {
        values.add("bits=" + value);
    }
}
