package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.LimitExceededException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all pools are: at most {@code limit} resources, made when first needed, the last used lent first, waiters served
 * in their order.
 *
 * <p>A resource has a place from before it is made until it is closed, so there are never more than the limit. Resources
 * are made and closed outside the lock; {@link Resources#usable} alone is asked under it. Thread-safe.
 */
final class ResourcePool<T> implements Lease.Owner<T> {
    /** Keeps every sum of two times within the range of nanoseconds in a long. */
    private static final Duration MAX_TIMEOUT = Duration.ofDays(3650);

    private final String kind;
    private final Resources<T> resources;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** The last used is first. */
    private final Deque<T> idle = new ArrayDeque<>();

    private final Deque<Condition> waiters = new ArrayDeque<>();
    private final Set<Lease<T>> leases = new HashSet<>();
    private int limit;

    /** Places of resources that are not idle: lent, being made or being closed. */
    private int taken;

    private boolean closed;

    /** How a resource is made and closed. */
    interface Resources<T> {
        /** Makes one; may wait and throw. */
        T make();

        /** Whether it can be lent again. Does not wait. */
        boolean usable(T resource);

        /** Closes one without waiting for it; the future is done in bounded time. */
        CompletableFuture<?> close(T resource, Duration timeout);

        /** How long a close takes where nobody says it. */
        Duration closeTimeout();
    }

    /**
     * A pool of which nothing is made yet.
     *
     * @param kind what the resources are called in messages
     * @param clock the nanoseconds that timeouts are measured with
     */
    ResourcePool(String kind, int limit, Resources<T> resources, LongSupplier clock) {
        this.kind = kind;
        this.limit = requireAtLeastOne("limit", limit);
        this.resources = resources;
        this.clock = clock;
    }

    static int requireAtLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
        return value;
    }

    private static void requireNotNegative(String name, Duration value) {
        if (requireNonNull(value, name).isNegative() || value.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0, at most 3650 days)");
        }
    }

    Lease<T> acquire(Duration timeout) {
        requireNotNegative("timeout", timeout);
        T resource = takePlace(timeout);
        if (resource == null) {
            resource = fillPlace();
        }
        Lease<T> lease = new Lease<>(resource, this);
        lock.lock();
        try {
            if (!closed) {
                leases.add(lease);
                return lease;
            }
        } finally {
            lock.unlock();
        }
        retire(resource, Duration.ZERO);
        throw closedPool();
    }

    /** Waits for a place; null where there is nothing in it yet. */
    private @Nullable T takePlace(Duration timeout) {
        long deadline = clock.getAsLong() + timeout.toNanos();
        lock.lock();
        Condition mine = lock.newCondition();
        waiters.addLast(mine);
        try {
            while (!closed && (waiters.peekFirst() != mine || taken >= limit)) {
                long left = deadline - clock.getAsLong();
                if (left <= 0) {
                    String message =
                            "no " + kind + " free within " + timeout + " (limit: " + limit + ", in use: " + taken + ")";
                    throw new LimitExceededException(message, limit, timeout);
                }
                long unused = mine.awaitNanos(left);
            }
            if (closed) {
                throw closedPool();
            }
            taken++;
            return nextUsable();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AmqpTimeoutException("interrupted while waiting for a " + kind);
        } finally {
            waiters.remove(mine);
            wakeNext();
            lock.unlock();
        }
    }

    private @Nullable T nextUsable() {
        T next = idle.pollFirst();
        while (next != null && !resources.usable(next)) {
            next = idle.pollFirst();
        }
        return next;
    }

    private T fillPlace() {
        boolean made = false;
        try {
            T resource = resources.make();
            made = true;
            return resource;
        } finally {
            if (!made) {
                freePlace();
            }
        }
    }

    @Override
    public void released(Lease<T> lease, boolean keep) {
        lock.lock();
        try {
            if (!leases.remove(lease)) {
                return; // the pool was closed, and the resource with it
            }
            if (keep && taken <= limit && resources.usable(lease.resource)) {
                idle.addFirst(lease.resource);
                taken--;
                wakeNext();
                return;
            }
        } finally {
            lock.unlock();
        }
        retire(lease.resource, resources.closeTimeout());
    }

    /** Closes a resource; its place is free when that is done. */
    private CompletableFuture<?> retire(T resource, Duration timeout) {
        CompletableFuture<?> closing;
        try {
            closing = resources.close(resource, timeout);
        } catch (RuntimeException e) {
            closing = CompletableFuture.failedFuture(e);
        }
        return closing.handle((done, error) -> {
            freePlace();
            return done;
        });
    }

    private void freePlace() {
        lock.lock();
        try {
            taken--;
            wakeNext();
        } finally {
            lock.unlock();
        }
    }

    /** Whoever leaves the line wakes the next: one signal is enough for any number of free places. */
    private void wakeNext() {
        Condition next = waiters.peekFirst();
        if (next != null && (closed || taken < limit)) {
            next.signal();
        }
    }

    void resize(int newLimit) {
        requireAtLeastOne("limit", newLimit);
        List<T> surplus = new ArrayList<>();
        lock.lock();
        try {
            limit = newLimit;
            for (int tooMany = taken + idle.size() - limit; tooMany > 0 && !idle.isEmpty(); tooMany--) {
                surplus.add(idle.removeLast());
                taken++;
            }
            wakeNext();
        } finally {
            lock.unlock();
        }
        surplus.forEach(each -> retire(each, resources.closeTimeout()));
    }

    /** Closes everything, lent or not; waiters are told. */
    CompletableFuture<Void> close(Duration timeout) {
        requireNotNegative("timeout", timeout);
        List<T> all;
        lock.lock();
        try {
            closed = true;
            all = new ArrayList<>(idle);
            idle.clear();
            taken += all.size();
            leases.forEach(lease -> all.add(lease.resource));
            leases.clear();
            wakeNext();
        } finally {
            lock.unlock();
        }
        return CompletableFuture.allOf(
                all.stream().map(each -> retire(each, timeout)).toArray(CompletableFuture<?>[]::new));
    }

    private IllegalStateException closedPool() {
        return new IllegalStateException("acquire on closed pool of " + kind + "s");
    }

    Duration closeTimeout() {
        return resources.closeTimeout();
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    int limit() {
        lock.lock();
        try {
            return limit;
        } finally {
            lock.unlock();
        }
    }

    int inUse() {
        lock.lock();
        try {
            return leases.size();
        } finally {
            lock.unlock();
        }
    }

    int available() {
        lock.lock();
        try {
            return closed ? 0 : Math.max(0, limit - taken);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return kind + " pool[limit " + limit() + ", in use " + inUse() + "]";
    }
}
