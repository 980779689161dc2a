package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

import dev.holdfast.ConnectionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The pools of a program, one of each kind for each broker, made when first asked for: Kombu's
 * {@code connections[connection]} and {@code producers[connection]}.
 *
 * <p>Which pool it is, is decided by all {@linkplain ConnectionOptions options}: those that are equal in everything,
 * credentials, TLS, addresses and heartbeat included, share a pool, and no others. No publish changes them. A pool that
 * was closed is replaced when it is asked for.
 *
 * <p>Thread-safe. Nothing is shared between two instances.
 */
public final class Pools implements AutoCloseable {
    /** How many of each pool are lent at a time where nobody says it: 10. */
    public static final int DEFAULT_LIMIT = 10;

    private static final int CONNECTIONS_OF_PRODUCERS = 2;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ConnectionOptions, ConnectionPool> connections = new HashMap<>();
    private final Map<ConnectionOptions, ProducerPool> producers = new HashMap<>();
    private int limit;

    /** Pools with the limit {@link #DEFAULT_LIMIT}. */
    public Pools() {
        this(DEFAULT_LIMIT);
    }

    /** Pools with this limit each, at least 1. */
    public Pools(int limit) {
        this.limit = ResourcePool.requireAtLeastOne("limit", limit);
    }

    /** The pool of connections for this URI; see {@link ConnectionOptions#parse}. */
    public ConnectionPool connections(String uri) {
        return connections(ConnectionOptions.parse(uri));
    }

    /** The pool of connections with these options. */
    public ConnectionPool connections(ConnectionOptions options) {
        return find(connections, options, key -> new ConnectionPool(key, limit));
    }

    /** The pool of producers for this URI; see {@link ConnectionOptions#parse}. */
    public ProducerPool producers(String uri) {
        return producers(ConnectionOptions.parse(uri));
    }

    /**
     * The pool of producers with these options. They share two connections of their own: those of {@link #connections}
     * are not taken for it.
     */
    public ProducerPool producers(ConnectionOptions options) {
        return find(producers, options, key -> new ProducerPool(key, CONNECTIONS_OF_PRODUCERS, limit));
    }

    private <P extends Pool<?>> P find(
            Map<ConnectionOptions, P> pools, ConnectionOptions options, Function<ConnectionOptions, P> maker) {
        requireNonNull(options, "options");
        lock.lock();
        try {
            P known = pools.get(options);
            if (known == null || known.isClosed()) {
                known = maker.apply(options);
                pools.put(options, known);
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** The limit of each pool. */
    public int limit() {
        lock.lock();
        try {
            return limit;
        } finally {
            lock.unlock();
        }
    }

    /** Changes the limit of each pool, present and future, at least 1; see {@link Pool#resize}. */
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

    /** Closes all pools, with what is lent of them, side by side; pools asked for afterwards are new ones. */
    public void reset() {
        List<Pool<?>> old;
        lock.lock();
        try {
            old = all();
            connections.clear();
            producers.clear();
        } finally {
            lock.unlock();
        }
        CompletableFuture<Void> closing = CompletableFuture.completedFuture(null);
        Duration longest = Duration.ZERO;
        for (Pool<?> pool : old) {
            Duration timeout = pool.closeTimeout();
            longest = timeout.compareTo(longest) > 0 ? timeout : longest;
            closing = CompletableFuture.allOf(closing, pool.closeAsync(timeout));
        }
        Pool.await(closing, longest);
    }

    /** Closes all pools as {@link #reset()} does. */
    @Override
    public void close() {
        reset();
    }
}
