package dev.holdfast.pool;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Producer;
import dev.holdfast.pool.ResourcePool.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A pool of producers that share a few connections of the pool. An acquire assigns the producer of the connection with
 * the fewest leases: it does no I/O and does not wait for a connection, so its timeout bounds the whole call.
 * Connections are {@linkplain Connection#lazy lazy}, and another one is used only when each of the others has a lease.
 *
 * <p>Unlike in Kombu, a producer has no connection of its own: producers are thread-safe, and their number does not
 * bound the throughput. The limit bounds the number of callers that publish at a time. Discarding a lease is the same
 * as closing it, because other callers publish on the same connection.
 *
 * <p>The connections run on {@link ConnectionOptions#eventLoops()}. If the options name none, the pool has event loops
 * of its own: one for each connection, at most one for each core. They end with the pool.
 */
public final class ProducerPool extends Pool<Producer> {
    private final SharedConnections connections;
    private final PoolThreads threads;

    /**
     * Creates a pool of producers.
     *
     * @param connections the maximum number of connections, at least 1
     * @param producers the maximum number of producers that are lent at a time, at least 1
     */
    public ProducerPool(ConnectionOptions options, int connections, int producers) {
        this(
                ResourcePool.requireAtLeastOne("limit", producers),
                connections,
                PoolThreads.of(options, ResourcePool.requireAtLeastOne("connections", connections)));
    }

    private ProducerPool(int producers, int connections, PoolThreads threads) {
        this(producers, new SharedConnections(threads.options(), connections), threads);
    }

    private ProducerPool(int producers, SharedConnections connections, PoolThreads threads) {
        super("producer", producers, connections);
        this.connections = connections;
        this.threads = threads;
    }

    @Override
    public CompletableFuture<Void> closeAsync(Duration timeout) {
        return super.closeAsync(timeout)
                .thenCompose(done -> connections.close(timeout))
                .whenComplete((done, error) -> threads.close());
    }

    /** The connections, each created when the others have a lease. */
    private static final class SharedConnections implements Resources<Producer> {
        private final ConnectionOptions options;
        private final int maxConnections;
        private final List<SharedConnection> connections = new ArrayList<>();
        private final ReentrantLock lock = new ReentrantLock();
        private boolean closed;

        SharedConnections(ConnectionOptions options, int maxConnections) {
            this.options = options;
            this.maxConnections = maxConnections;
        }

        @Override
        public Producer create() {
            lock.lock();
            try {
                if (closed) {
                    throw new IllegalStateException("acquire on closed pool of producers");
                }
                SharedConnection shared = leastUsed();
                if (shared == null || (shared.leases > 0 && connections.size() < maxConnections)) {
                    shared = new SharedConnection(Connection.lazy(options));
                    connections.add(shared);
                }
                shared.leases++;
                return shared.producer;
            } finally {
                lock.unlock();
            }
        }

        private @Nullable SharedConnection leastUsed() {
            SharedConnection leastUsed = null;
            for (SharedConnection candidate : connections) {
                leastUsed = leastUsed == null || candidate.leases < leastUsed.leases ? candidate : leastUsed;
            }
            return leastUsed;
        }

        /** Never: each acquire chooses a connection by the number of leases. */
        @Override
        public boolean usable(Producer producer) {
            return false;
        }

        @Override
        public CompletableFuture<?> close(Producer producer, Duration timeout) {
            lock.lock();
            try {
                connections.forEach(shared -> shared.leases -= shared.producer == producer ? 1 : 0);
            } finally {
                lock.unlock();
            }
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Duration closeTimeout() {
            return options.closeTimeout();
        }

        CompletableFuture<Void> close(Duration timeout) {
            lock.lock();
            try {
                closed = true;
                return CompletableFuture.allOf(connections.stream()
                        .map(shared -> shared.connection.closeAsync(timeout))
                        .toArray(CompletableFuture<?>[]::new));
            } finally {
                lock.unlock();
            }
        }
    }

    /** A connection, its producer and the number of leases. */
    private static final class SharedConnection {
        final Connection connection;
        final Producer producer;
        int leases;

        SharedConnection(Connection connection) {
            this.connection = connection;
            this.producer = connection.producer();
        }
    }
}
