package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.EventLoops;
import dev.holdfast.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A registry of connection pools and producer pools by connection options, which creates each pool at its first lookup:
 * Kombu's {@code connections[connection]} and {@code producers[connection]}.
 *
 * <p>The key is the {@linkplain ConnectionOptions options} as a whole: options share a pool only if they are equal in
 * all properties, including credentials, TLS, addresses and heartbeat. A publish does not change them. A lookup
 * replaces a pool that was closed.
 *
 * <p>The connections of all pools whose options name no {@link ConnectionOptions#eventLoops()} share event loops: one
 * for each core, with the delivery threads that {@link EventLoops} describes. They end with {@link #close} or {@link
 * #reset}. A connection that must not share a thread needs options with event loops of its own.
 *
 * <p>Thread-safe. Two instances share nothing.
 */
public final class Pools implements AutoCloseable {
    /** The default limit of each pool: 10. */
    public static final int DEFAULT_LIMIT = 10;

    private static final int CONNECTIONS_PER_PRODUCER_POOL = 2;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ConnectionOptions, ConnectionPool> connections = new HashMap<>();
    private final Map<ConnectionOptions, ProducerPool> producers = new HashMap<>();

    /** Of the pools whose options name none. */
    private final Map<Transport, EventLoops> eventLoops = new EnumMap<>(Transport.class);

    private int limit;

    /** Creates a registry whose pools have the limit {@link #DEFAULT_LIMIT}. */
    public Pools() {
        this(DEFAULT_LIMIT);
    }

    /** Creates a registry whose pools have this limit each, at least 1. */
    public Pools(int limit) {
        this.limit = ResourcePool.requireAtLeastOne("limit", limit);
    }

    /** Returns the pool of connections for this URI; see {@link ConnectionOptions#parse}. */
    public ConnectionPool connections(String uri) {
        return connections(ConnectionOptions.parse(uri));
    }

    /** Returns the pool of connections with these options. */
    public ConnectionPool connections(ConnectionOptions options) {
        return findOrCreate(connections, options, key -> new ConnectionPool(key, limit));
    }

    /** Returns the pool of producers for this URI; see {@link ConnectionOptions#parse}. */
    public ProducerPool producers(String uri) {
        return producers(ConnectionOptions.parse(uri));
    }

    /**
     * Returns the pool of producers with these options. The producers share two connections of the pool; the
     * connections of {@link #connections} are not used.
     */
    public ProducerPool producers(ConnectionOptions options) {
        return findOrCreate(producers, options, key -> new ProducerPool(key, CONNECTIONS_PER_PRODUCER_POOL, limit));
    }

    private <P extends Pool<?>> P findOrCreate(
            Map<ConnectionOptions, P> pools, ConnectionOptions options, Function<ConnectionOptions, P> factory) {
        requireNonNull(options, "options");
        lock.lock();
        try {
            ConnectionOptions key = withoutOwnLoops(options);
            P pool = pools.get(key);
            if (pool == null || pool.isClosed()) {
                pool = factory.apply(withLoops(key));
                pools.put(key, pool);
            }
            return pool;
        } finally {
            lock.unlock();
        }
    }

    /** The options of a connection of these pools are a key, too. */
    private ConnectionOptions withoutOwnLoops(ConnectionOptions options) {
        EventLoops loops = options.eventLoops();
        return loops != null && eventLoops.containsValue(loops) ? options.eventLoops(null) : options;
    }

    private ConnectionOptions withLoops(ConnectionOptions options) {
        if (options.eventLoops() != null) {
            return options;
        }
        int threads = Runtime.getRuntime().availableProcessors();
        return options.eventLoops(
                eventLoops.computeIfAbsent(options.transport(), transport -> EventLoops.shared(threads, transport)));
    }

    /** Returns the limit of each pool. */
    public int limit() {
        lock.lock();
        try {
            return limit;
        } finally {
            lock.unlock();
        }
    }

    /** Changes the limit of all present and future pools, at least 1; see {@link Pool#resize}. */
    public void resize(int newLimit) {
        ResourcePool.requireAtLeastOne("limit", newLimit);
        lock.lock();
        try {
            limit = newLimit;
            all().forEach(pool -> pool.resize(newLimit));
        } finally {
            lock.unlock();
        }
    }

    private List<Pool<?>> all() {
        List<Pool<?>> all = new ArrayList<>(connections.values());
        all.addAll(producers.values());
        return all;
    }

    /**
     * Closes all pools concurrently, with their resources in use. Waits as {@link Pool#close(Duration)} does. A later
     * lookup creates a new pool.
     */
    public void reset() {
        List<Pool<?>> removed;
        List<EventLoops> ended;
        lock.lock();
        try {
            removed = all();
            connections.clear();
            producers.clear();
            ended = List.copyOf(eventLoops.values());
            eventLoops.clear();
        } finally {
            lock.unlock();
        }
        CompletableFuture<Void> closing = CompletableFuture.completedFuture(null);
        Duration maxTimeout = Duration.ZERO;
        for (Pool<?> pool : removed) {
            Duration timeout = pool.closeTimeout();
            maxTimeout = timeout.compareTo(maxTimeout) > 0 ? timeout : maxTimeout;
            closing = CompletableFuture.allOf(closing, pool.closeAsync(timeout));
        }
        Pool.await(closing.whenComplete((done, error) -> ended.forEach(EventLoops::close)), maxTimeout);
    }

    /** Closes all pools as {@link #reset()} does. */
    @Override
    public void close() {
        reset();
    }
}
