package dev.holdfast.jmh.adapter;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A publisher that owns its connection. */
record DedicatedPublisher(LoadConnection connection, ConfirmedPublisher publisher) implements ConfirmedPublisher {
    @Override
    public @Nullable CompletableFuture<?> publish(byte[] body) throws Exception {
        return publisher.publish(body);
    }

    @Override
    public void publishAndWait(byte[] body) throws Exception {
        publisher.publishAndWait(body);
    }

    @Override
    public void await() throws Exception {
        publisher.await();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
