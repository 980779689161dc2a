package dev.holdfast.cli.common;

import java.util.concurrent.atomic.AtomicLong;

/** Tells of the first messages that failed, and of the others how many they are. Thread-safe. */
public final class MessageErrorLog {
    private static final int MAX_SHOWN = 10;

    private final Streams streams;
    private final AtomicLong count = new AtomicLong();

    public MessageErrorLog(Streams streams) {
        this.streams = streams;
    }

    /**
     * Reports one message.
     *
     * @param label the message, such as {@code line 17}
     */
    public void report(String label, String reason) {
        if (count.getAndIncrement() < MAX_SHOWN) {
            streams.printError(label + ": " + reason);
        }
    }

    /** Says how many were not shown. */
    public void reportOmitted() {
        long omitted = count.get() - MAX_SHOWN;
        if (omitted > 0) {
            streams.printError("and " + omitted + " more that failed");
        }
    }
}
