package dev.holdfast.jmh.adapter;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Publishes with a bounded window and a future for every message. Not thread-safe. */
public interface ConfirmedPublisher extends AutoCloseable {
    /**
     * Publishes a persistent message to a fixed exchange and routing key; waits while the window is full.
     *
     * @return the future of the confirm, null if the client has none
     */
    @Nullable
    CompletableFuture<?> publish(byte[] body) throws Exception;

    /** Publishes one message and waits for its confirm, with the synchronous API of the client. */
    void publishAndWait(byte[] body) throws Exception;

    /** Waits until all messages are confirmed. */
    void await() throws Exception;

    @Override
    default void close() throws IOException {}
}
