package dev.holdfast.cli.common;

import java.util.concurrent.atomic.AtomicLong;

/** Tells of the first messages that failed, and of the others how many they are. Thread-safe. */
public final class MessageErrorLog {
    private static final int SHOWN = 10;

    private final Streams streams;
    private final AtomicLong count = new AtomicLong();

    public MessageErrorLog(Streams streams) {
        this.streams = streams;
    }

    /**
     * Reports one message.
     *
     * @param what the message, such as {@code line 17}
     */
    public void add(String what, String why) {
        if (count.getAndIncrement() < SHOWN) {
            streams.complain(what + ": " + why);
        }
    }

    /** Says how many were not shown. */
    public void close() {
        long hidden = count.get() - SHOWN;
        if (hidden > 0) {
            streams.complain("and " + hidden + " more that failed");
        }
    }
}
