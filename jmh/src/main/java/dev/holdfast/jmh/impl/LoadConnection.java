package dev.holdfast.jmh.impl;

import java.io.IOException;
import java.util.Map;

/** One connection of a client, as a measurement uses it. */
public interface LoadConnection extends AutoCloseable {
    /** A publisher for one thread. Closing it does nothing: it lives as long as the connection. */
    ConfirmedPublisher publisher() throws Exception;

    /** As {@link #publisher}; what it publishes is always this, as JSON. */
    default ConfirmedPublisher jsonPublisher(Map<String, ?> body) {
        throw new UnsupportedOperationException("JSON: " + body + " (expected: a client that serializes)");
    }

    /** Returns once the peer has read everything that was published before: the end of a measurement without confirms. */
    void settle() throws Exception;

    /** Consumes without acknowledging; called for every message. */
    default void consume(String queue, Runnable onMessage) throws Exception {
        throw new UnsupportedOperationException("consume: " + queue + " (expected: a client that consumes)");
    }

    @Override
    void close() throws IOException;
}
