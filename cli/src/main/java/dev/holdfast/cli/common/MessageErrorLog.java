package dev.holdfast.cli.common;

import java.util.concurrent.atomic.AtomicLong;

/** Prints the first ten messages that failed, and only the number of the others. Thread-safe. */
public final class MessageErrorLog {
    private static final int MAX_SHOWN = 10;

    private final Streams streams;
    private final AtomicLong count = new AtomicLong();

    public MessageErrorLog(Streams streams) {
        this.streams = streams;
    }

    /**
     * Prints one message that failed, or counts it after the first ten.
     *
     * @param label the message, such as {@code line 17}
     */
    public void report(String label, String reason) {
        if (count.getAndIncrement() < MAX_SHOWN) {
            streams.printError(label + ": " + reason);
        }
    }

    /** Prints how many messages were not shown, if any. */
    public void reportOmitted() {
        long omitted = count.get() - MAX_SHOWN;
        if (omitted > 0) {
            streams.printError("and " + omitted + " more messages failed");
        }
    }
}
