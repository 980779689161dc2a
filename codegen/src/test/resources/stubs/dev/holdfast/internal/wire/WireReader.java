package dev.holdfast.internal.wire;

import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Stub of the library's type: returns given values and checks that each is read as its type. */
public final class WireReader {
    private final Iterator<String> values;

    /** Creates a reader of values such as {@code short=7}. */
    public WireReader(List<String> values) {
        this.values = values.iterator();
    }

    private String next(String type) {
        String[] value = values.next().split("=", 2);
        if (!value[0].equals(type)) {
            throw new AssertionError("read as " + type + ", but is " + value[0]);
        }
        return value[1];
    }

    public int readOctet() {
        return Integer.parseInt(next("octet"));
    }

    public int readShort() {
        return Integer.parseInt(next("short"));
    }

    public long readLong() {
        return Long.parseLong(next("long"));
    }

    public long readLongLong() {
        return Long.parseLong(next("longlong"));
    }

    public String readShortString() {
        return next("shortstr");
    }

    public LongString readLongString() {
        return LongString.of(next("longstr"));
    }

    public Instant readTimestamp() {
        return Instant.parse(next("timestamp"));
    }

    public Map<String, Object> readTable() {
        String text = next("table");
        return text.isEmpty() ? Map.of() : Map.of("k", text);
    }

    public int readBits() {
        return Integer.parseInt(next("bits"));
    }

    public int remaining() {
        return values.hasNext() ? 1 : 0;
    }
}
