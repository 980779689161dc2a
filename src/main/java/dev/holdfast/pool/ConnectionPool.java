package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.pool.ResourcePool.Resources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A pool of connections, each lent to one caller at a time. They are {@linkplain Connection#lazy lazy}: a connection
 * connects at its first use, within the deadline of that use, and acquiring one does no I/O.
 *
 * <p>Connections are thread-safe and have any number of channels and producers, so most programs need one connection or
 * a {@link ProducerPool}. Use this pool if callers must not share a connection.
 */
public final class ConnectionPool extends Pool<Connection> {
    /** Creates a pool of up to {@code limit} connections with these options, at least 1. */
    public ConnectionPool(ConnectionOptions options, int limit) {
        super("connection", limit, new Connections(requireNonNull(options, "options")));
    }

    private record Connections(ConnectionOptions options) implements Resources<Connection> {
        @Override
        public Connection create() {
            return Connection.lazy(options);
        }

        @Override
        public boolean usable(Connection connection) {
            return !connection.isClosed();
        }

        @Override
        public CompletableFuture<?> close(Connection connection, Duration timeout) {
            return connection.closeAsync(timeout);
        }

        @Override
        public Duration closeTimeout() {
            return options.closeTimeout();
        }
    }
}
