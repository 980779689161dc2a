package dev.holdfast.pool;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Something that a {@link Pool} has lent. Closing it gives it back; it is given back once, whoever closes it how often.
 *
 * <pre>{@code
 * try (Lease<Connection> lease = pool.acquire()) {
 *     lease.value().producer().publish("hello", p -> p.routingKey("video"));
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 *
 * @param <T> what is lent
 */
public final class Lease<T> implements AutoCloseable {
    /** What is lent, whether it was given back or not. */
    final T resource;

    private final Owner<T> owner;
    private final AtomicBoolean released = new AtomicBoolean();

    /** Whoever takes it back. */
    interface Owner<T> {
        /** Called once a lease; {@code keep}: it may be lent again. */
        void released(Lease<T> lease, boolean keep);
    }

    Lease(T resource, Owner<T> owner) {
        this.resource = resource;
        this.owner = owner;
    }

    /**
     * Returns what is lent.
     *
     * @throws IllegalStateException if it was given back: by now it may be somebody else's
     */
    public T value() {
        if (released.get()) {
            throw new IllegalStateException("lease: released (expected: use before release)");
        }
        return resource;
    }

    /** Gives it back. A second call does nothing. Never waits. */
    @Override
    public void close() {
        release(true);
    }

    /**
     * Gives it back to be closed instead of lent again; its place in the pool is free when it is closed. Does nothing
     * after a {@link #close()}. Never waits.
     */
    public void discard() {
        release(false);
    }

    private void release(boolean keep) {
        if (released.compareAndSet(false, true)) {
            owner.released(this, keep);
        }
    }
}
