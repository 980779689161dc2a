package dev.holdfast.jmh.impl;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Publishes with a bounded window, holding a future for every message. Used by one thread. */
public interface ConfirmedPublisher extends AutoCloseable {
    /**
     * Publishes to an exchange and routing key that never change, persistent; waits while the window is full. Returns the
     * future of its confirm, null where the client has none.
     */
    @Nullable
    CompletableFuture<?> publish(byte[] body) throws Exception;

    /** Publishes one message and waits for its confirm, as the client's synchronous way is. */
    void publishAndWait(byte[] body) throws Exception;

    /** Waits until everything published has been confirmed. */
    void await() throws Exception;

    @Override
    default void close() throws IOException {}
}
