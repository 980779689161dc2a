package dev.holdfast.jmh.adapter;

import java.io.IOException;
import java.util.Map;

/** One connection of a measured client. */
public interface LoadConnection extends AutoCloseable {
    /** Creates a publisher for one thread. Closing it does nothing; it lives as long as the connection. */
    ConfirmedPublisher publisher() throws Exception;

    /** As {@link #publisher}, but it always publishes this map as JSON. */
    default ConfirmedPublisher jsonPublisher(Map<String, ?> body) {
        throw new UnsupportedOperationException("JSON: " + body + " (expected: a client that serializes)");
    }

    /** Waits until the peer has read all messages. Ends a measurement without confirms. */
    void settle() throws Exception;

    /** Consumes with automatic acknowledgement, and calls {@code onMessage} for every message. */
    default void consume(String queue, Runnable onMessage) throws Exception {
        throw new UnsupportedOperationException("consume: " + queue + " (expected: a client that consumes)");
    }

    @Override
    void close() throws IOException;
}
