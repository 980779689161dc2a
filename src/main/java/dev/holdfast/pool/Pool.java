package dev.holdfast.pool;

import dev.holdfast.internal.eventloop.IoThreads;
import dev.holdfast.pool.ResourcePool.Resources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A pool that lends up to {@link #limit()} resources at a time. A resource is created at its first acquire. The most
 * recently used resource is lent first, and waiting callers are served in the order of their arrival.
 *
 * <p>Unlike in Kombu, every acquire ends in bounded time, and an exception of the caller does not close a resource: a
 * connection whose link was lost reconnects with its channels. A resource is replaced only if it was closed (by you, or
 * a channel by the broker) or {@linkplain Lease#discard() discarded}.
 *
 * <p>Thread-safe. A waiting virtual thread is not pinned. An acquire on a connection's I/O thread fails instead of
 * waiting.
 *
 * @param <T> the type of the resources
 */
public abstract sealed class Pool<T> implements AutoCloseable permits ConnectionPool, ChannelPool, ProducerPool {
    /** The timeout of {@link #acquire()}: 10 s. */
    public static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(10);

    private final ResourcePool<T> pool;

    Pool(String kind, int limit, Resources<T> resources) {
        pool = new ResourcePool<>(kind, limit, resources, System::nanoTime);
    }

    /** Acquires a resource within {@link #ACQUIRE_TIMEOUT}. Throws as {@link #acquire(Duration)}. */
    public Lease<T> acquire() {
        return acquire(ACQUIRE_TIMEOUT);
    }

    /**
     * Acquires an idle resource, or creates one.
     *
     * @param timeout how long to wait while all resources are in use, from zero (no wait) to 3,650 days
     * @throws dev.holdfast.LimitExceededException if no resource became free in time
     * @throws IllegalStateException if the pool is closed, before or during the wait, or if the call would wait on the
     *     I/O thread of a connection
     * @throws dev.holdfast.AmqpTimeoutException if the thread was interrupted; its interrupt flag stays set
     */
    public Lease<T> acquire(Duration timeout) {
        return pool.acquire(timeout);
    }

    /** Returns the maximum number of resources that are lent at a time. */
    public int limit() {
        return pool.limit();
    }

    /**
     * Changes the limit, at least 1. Surplus resources are closed: idle ones immediately, the least recently used
     * first; resources in use when they are released.
     */
    public void resize(int limit) {
        pool.resize(limit);
    }

    /** Returns the number of resources in use. */
    public int inUse() {
        return pool.inUse();
    }

    /** Returns the number of resources that can be acquired without waiting; 0 if the pool is closed. */
    public int available() {
        return pool.available();
    }

    Duration closeTimeout() {
        return pool.closeTimeout();
    }

    boolean isClosed() {
        return pool.isClosed();
    }

    /** Closes with {@link dev.holdfast.ConnectionOptions#closeTimeout()}. */
    @Override
    public void close() {
        close(pool.closeTimeout());
    }

    /**
     * Closes all resources, idle or in use, and waits up to {@code timeout} until they are closed. Waiting calls of
     * {@link #acquire} fail. An interrupt ends the wait, but not the close. On the I/O thread of a connection, this
     * method starts the close and does not wait. A second call does nothing.
     */
    public void close(Duration timeout) {
        await(closeAsync(timeout), timeout);
    }

    /** Waits, unless on an I/O thread: the close needs it. */
    static void await(CompletableFuture<Void> closing, Duration timeout) {
        if (IoThreads.isIoThread()) {
            return;
        }
        try {
            Void unused = closing.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The resources complete their close in bounded time; the caller can do nothing about a failure.
        }
    }

    /** Closes as {@link #close(Duration)} does, without waiting. */
    public CompletableFuture<Void> closeAsync(Duration timeout) {
        return pool.close(timeout);
    }

    /** Returns the limit and the number of resources in use. */
    @Override
    public String toString() {
        return pool.toString();
    }
}
