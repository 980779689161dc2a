package dev.holdfast.jmh.impl;

/**
 * What a client is to connect to, and how it is used.
 *
 * @param uri where the broker is
 * @param window unconfirmed messages on the connection, of all its publishers
 * @param confirms whether confirms are selected
 * @param publishers how many threads publish on the connection
 */
public record Target(String uri, int window, boolean confirms, int publishers) {
    /** No window: every message is waited for before the next. */
    public static final int SYNCHRONOUS = 0;

    static final String EXCHANGE = "benchmark";
    static final String ROUTING_KEY = "key";

    /** The share of the window that one publisher has, where a client has none for the connection. */
    int share() {
        return Math.max(1, window / publishers);
    }
}
