package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

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
 * Lends producers that share a few connections of the pool's own. A lease is a place on the connection that has the fewest
 * at that moment, so it is cheap, and no acquire waits for a connection: its one timeout bounds all of it. Connections are
 * {@linkplain Connection#lazy lazy}; the next is used only when those before have a producer each.
 *
 * <p>Other than in Kombu, no producer has a connection to itself: a producer is thread-safe, and what bounds the throughput
 * is not their number. The limit bounds how many callers publish at a time. To discard a lease is to close it: others
 * publish on the same connection.
 */
public final class ProducerPool extends Pool<Producer> {
    private final Shared shared;

    /**
     * A pool of producers.
     *
     * @param connections how many connections they share at most, at least 1
     * @param producers how many are lent at a time, at least 1
     */
    public ProducerPool(ConnectionOptions options, int connections, int producers) {
        this(producers, new Shared(options, connections));
    }

    private ProducerPool(int producers, Shared shared) {
        super("producer", producers, shared);
        this.shared = shared;
    }

    @Override
    public CompletableFuture<Void> closeAsync(Duration timeout) {
        return super.closeAsync(timeout).thenCompose(done -> shared.close(timeout));
    }

    /** The connections, made one by one. */
    private static final class Shared implements Resources<Producer> {
        private final ConnectionOptions options;
        private final int size;
        private final List<Place> places = new ArrayList<>();
        private final ReentrantLock lock = new ReentrantLock();
        private boolean closed;

        Shared(ConnectionOptions options, int size) {
            this.options = requireNonNull(options, "options");
            this.size = ResourcePool.requireAtLeastOne("connections", size);
        }

        @Override
        public Producer make() {
            lock.lock();
            try {
                if (closed) {
                    throw new IllegalStateException("acquire on closed pool of producers");
                }
                Place place = leastUsed();
                if (place == null || (place.users > 0 && places.size() < size)) {
                    place = new Place(Connection.lazy(options));
                    places.add(place);
                }
                place.users++;
                return place.producer;
            } finally {
                lock.unlock();
            }
        }

        private @Nullable Place leastUsed() {
            Place leastUsed = null;
            for (Place place : places) {
                leastUsed = leastUsed == null || place.users < leastUsed.users ? place : leastUsed;
            }
            return leastUsed;
        }

        /** A place is chosen anew for each lease. */
        @Override
        public boolean usable(Producer producer) {
            return false;
        }

        @Override
        public CompletableFuture<?> close(Producer producer, Duration timeout) {
            lock.lock();
            try {
                places.forEach(place -> place.users -= place.producer == producer ? 1 : 0);
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
                return CompletableFuture.allOf(places.stream()
                        .map(place -> place.connection.closeAsync(timeout))
                        .toArray(CompletableFuture<?>[]::new));
            } finally {
                lock.unlock();
            }
        }
    }

    /** A connection, its one producer and how many have it. */
    private static final class Place {
        final Connection connection;
        final Producer producer;
        int users;

        Place(Connection connection) {
            this.connection = connection;
            this.producer = connection.producer();
        }
    }
}
