package dev.holdfast.pool;

import dev.holdfast.pool.ResourcePool.Resources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lends up to {@link #limit()} of something at a time. Nothing is made before it is needed; what was used last is lent
 * first; who waits is served in order.
 *
 * <p>Other than in Kombu, every acquire ends in bounded time, and an exception while something is lent does not close it:
 * a connection that was lost comes back by itself, with its channels. Only what was closed (by you, or a channel by the
 * broker) is replaced, and what you {@link Lease#discard()}.
 *
 * <p>Thread-safe; virtual threads may wait here. Do not acquire on a connection's I/O thread: it may wait.
 *
 * @param <T> what is lent
 */
public abstract sealed class Pool<T> implements AutoCloseable permits ConnectionPool, ChannelPool, ProducerPool {
    /** How long {@link #acquire()} waits: 10 s. */
    public static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(10);

    private final ResourcePool<T> pool;

    Pool(String kind, int limit, Resources<T> resources) {
        pool = new ResourcePool<>(kind, limit, resources, System::nanoTime);
    }

    /** Acquires, waiting at most {@link #ACQUIRE_TIMEOUT}. Throws as {@link #acquire(Duration)}. */
    public Lease<T> acquire() {
        return acquire(ACQUIRE_TIMEOUT);
    }

    /**
     * Acquires what is free, or makes it.
     *
     * @param timeout how long to wait while all are in use; zero: not at all
     * @throws LimitExceededException if all were in use all the time
     * @throws IllegalStateException if the pool is closed, now or while waiting
     * @throws AmqpTimeoutException if the thread was interrupted; its flag is set again
     */
    public Lease<T> acquire(Duration timeout) {
        return pool.acquire(timeout);
    }

    /** How many may be lent at a time. */
    public int limit() {
        return pool.limit();
    }

    /**
     * Changes the limit, at least 1, also while some are in use. What is then too many is closed: idle ones, the least
     * recently used first, at once; those in use when they come back.
     */
    public void resize(int limit) {
        pool.resize(limit);
    }

    /** How many are lent. */
    public int inUse() {
        return pool.inUse();
    }

    /** How many could be acquired at once. */
    public int available() {
        return pool.available();
    }

    Duration closeTimeout() {
        return pool.closeTimeout();
    }

    boolean isClosed() {
        return pool.isClosed();
    }

    /** Closes with {@link ConnectionOptions#closeTimeout()}. */
    @Override
    public void close() {
        close(pool.closeTimeout());
    }

    /**
     * Closes what is idle and what is in use, and waits for it, at most {@code timeout}; whoever waits in {@link
     * #acquire} fails. An interrupt ends the wait, not the closing. A second call does nothing.
     */
    public void close(Duration timeout) {
        await(closeAsync(timeout), timeout);
    }

    static void await(CompletableFuture<Void> closing, Duration timeout) {
        try {
            Void unused = closing.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // It closes on by itself, in bounded time; there is nothing that the caller could do.
        }
    }

    /** Closes as {@link #close(Duration)} does, without waiting. */
    public CompletableFuture<Void> closeAsync(Duration timeout) {
        return pool.close(timeout);
    }

    /** Returns the limit and how many are in use. */
    @Override
    public String toString() {
        return pool.toString();
    }
}
