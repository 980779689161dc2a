package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.pool.ResourcePool.Resources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Lends connections, each to one user at a time. They are {@linkplain Connection#lazy lazy}: a connection connects at its
 * first use, under that use's deadline, and acquiring one does no I/O.
 *
 * <p>Connections are thread-safe and carry any number of channels and producers, so most programs need one, or a {@link
 * ProducerPool}; this pool is for those who must keep users apart.
 */
public final class ConnectionPool extends Pool<Connection> {
    /** A pool of connections with these options, at most {@code limit}, at least 1. */
    public ConnectionPool(ConnectionOptions options, int limit) {
        super("connection", limit, new Connections(requireNonNull(options, "options")));
    }

    private record Connections(ConnectionOptions options) implements Resources<Connection> {
        @Override
        public Connection make() {
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
