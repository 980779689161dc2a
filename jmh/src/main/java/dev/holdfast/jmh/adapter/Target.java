package dev.holdfast.jmh.adapter;

/**
 * The peer of a measurement, and how the connection is used.
 *
 * @param uri the URI of the peer
 * @param window maximum number of unconfirmed messages on the connection
 * @param confirms whether the client selects confirms
 * @param publishers number of publishing threads
 */
public record Target(String uri, int window, boolean confirms, int publishers) {
    /** No window: each message is confirmed before the next. */
    public static final int SYNCHRONOUS = 0;

    static final String EXCHANGE = "benchmark";
    static final String ROUTING_KEY = "key";

    /** One publisher's share of the window, for a client that has a window per channel. */
    int share() {
        return Math.max(1, window / publishers);
    }
}
