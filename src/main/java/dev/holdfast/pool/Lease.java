package dev.holdfast.pool;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A resource that a caller has acquired from a {@link Pool}. Closing the lease releases the resource; only the first
 * close or discard has an effect.
 *
 * <pre>{@code
 * try (Lease<Connection> lease = pool.acquire()) {
 *     lease.value().producer().publish("hello", p -> p.routingKey("video"));
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 *
 * @param <T> the type of the resource
 */
public final class Lease<T> implements AutoCloseable {
    /** Accessible also after the release. */
    final T resource;

    private final Owner<T> owner;
    private final AtomicBoolean released = new AtomicBoolean();

    /** The pool that the resource is returned to. */
    interface Owner<T> {
        /** Called once for each lease; {@code reusable}: the resource may be lent again. */
        void released(Lease<T> lease, boolean reusable);
    }

    Lease(T resource, Owner<T> owner) {
        this.resource = resource;
        this.owner = owner;
    }

    /**
     * Returns the resource.
     *
     * @throws IllegalStateException if it was released: another caller may have acquired it since
     */
    public T value() {
        if (released.get()) {
            throw new IllegalStateException("lease: released (expected: use before release)");
        }
        return resource;
    }

    /** Releases the resource to the pool. A second call does nothing. Does not wait. */
    @Override
    public void close() {
        release(true);
    }

    /**
     * Releases the resource to be closed; the pool lends another one in its place once it is closed. Does nothing after
     * {@link #close()}. Does not wait.
     */
    public void discard() {
        release(false);
    }

    private void release(boolean reusable) {
        if (released.compareAndSet(false, true)) {
            owner.released(this, reusable);
        }
    }
}
