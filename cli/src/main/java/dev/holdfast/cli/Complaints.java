package dev.holdfast.cli;

import java.util.concurrent.atomic.AtomicLong;

/** Tells of the first messages that failed, and of the others how many they are. Thread-safe. */
final class Complaints {
    private static final int SHOWN = 10;

    private final Streams streams;
    private final AtomicLong count = new AtomicLong();

    Complaints(Streams streams) {
        this.streams = streams;
    }

    /** @param what the message, such as {@code line 17} */
    void add(String what, String why) {
        if (count.getAndIncrement() < SHOWN) {
            streams.complain(what + ": " + why);
        }
    }

    /** Says how many were not shown. */
    void close() {
        long hidden = count.get() - SHOWN;
        if (hidden > 0) {
            streams.complain("and " + hidden + " more that failed");
        }
    }
}
