package dev.holdfast.pool;

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
 *
 * <p>The connections run on {@link ConnectionOptions#eventLoops()}. If the options name none, the pool has event loops
 * of its own: one for each connection, at most one for each core. They end with the pool.
 */
public final class ConnectionPool extends Pool<Connection> {
    private final PoolThreads threads;

    /** Creates a pool of up to {@code limit} connections with these options, at least 1. */
    public ConnectionPool(ConnectionOptions options, int limit) {
        this(limit, PoolThreads.of(options, ResourcePool.requireAtLeastOne("limit", limit)));
    }

    private ConnectionPool(int limit, PoolThreads threads) {
        super("connection", limit, new Connections(threads.options()));
        this.threads = threads;
    }

    @Override
    public CompletableFuture<Void> closeAsync(Duration timeout) {
        return super.closeAsync(timeout).whenComplete((done, error) -> threads.close());
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
