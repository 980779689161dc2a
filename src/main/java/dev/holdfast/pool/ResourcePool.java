package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.LimitExceededException;
import dev.holdfast.internal.eventloop.IoThreads;
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
 * The common implementation of the pools: up to {@code limit} resources, created at the first acquire, lent most
 * recently used first, to waiters in the order of their arrival.
 *
 * <p>A resource occupies a slot from before its creation until it is closed, so their number never exceeds the limit.
 * Resources are created and closed outside the lock; only {@link Resources#usable} is called under it. Thread-safe.
 */
final class ResourcePool<T> implements Lease.Owner<T> {
    /** Prevents overflow: the sum of two times in nanoseconds fits into a long. */
    private static final Duration MAX_TIMEOUT = Duration.ofDays(3650);

    private final String kind;
    private final Resources<T> resources;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** The most recently used resource is first. */
    private final Deque<T> idle = new ArrayDeque<>();

    private final Deque<Condition> waiters = new ArrayDeque<>();
    private final Set<Lease<T>> leases = new HashSet<>();
    private int limit;

    /** Slots of resources that are not idle: in use, being created or being closed. */
    private int occupied;

    private boolean closed;

    /** Creates, checks and closes the resources of a pool. */
    interface Resources<T> {
        /** Creates a resource. May wait and throw. */
        T create();

        /** Tells whether a resource can be lent again. Does not wait. */
        boolean usable(T resource);

        /** Closes a resource without waiting. The future completes in bounded time. */
        CompletableFuture<?> close(T resource, Duration timeout);

        /** Returns the default timeout of a close. */
        Duration closeTimeout();
    }

    /**
     * Creates a pool without resources.
     *
     * @param kind the name of a resource in messages
     * @param clock the clock for timeouts, in nanoseconds
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
        T resource = awaitSlot(timeout);
        if (resource == null) {
            resource = createInSlot();
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
        closeAndFreeSlot(resource, Duration.ZERO);
        throw closedPool();
    }

    /** Waits for a slot and occupies it. Returns its idle resource, null if none was created yet. */
    private @Nullable T awaitSlot(Duration timeout) {
        long deadline = clock.getAsLong() + timeout.toNanos();
        lock.lock();
        Condition turn = lock.newCondition();
        waiters.addLast(turn);
        try {
            while (!closed && (waiters.peekFirst() != turn || occupied >= limit)) {
                long remaining = deadline - clock.getAsLong();
                if (remaining <= 0) {
                    String message = "no " + kind + " free within " + timeout + " (limit: " + limit + ", in use: "
                            + occupied + ")";
                    throw new LimitExceededException(message, limit, timeout);
                }
                if (IoThreads.isIoThread()) {
                    throw new IllegalStateException("acquire waits for a " + kind
                            + " and was called on a connection's I/O thread (expected: another thread)");
                }
                long unused = turn.awaitNanos(remaining);
            }
            if (closed) {
                throw closedPool();
            }
            occupied++;
            return nextUsable();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AmqpTimeoutException("interrupted while waiting for a " + kind);
        } finally {
            waiters.remove(turn);
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

    private T createInSlot() {
        boolean created = false;
        try {
            T resource = resources.create();
            created = true;
            return resource;
        } finally {
            if (!created) {
                freeSlot();
            }
        }
    }

    @Override
    public void released(Lease<T> lease, boolean reusable) {
        lock.lock();
        try {
            if (!leases.remove(lease)) {
                return; // the pool was closed, and the resource with it
            }
            if (reusable && occupied <= limit && resources.usable(lease.resource)) {
                idle.addFirst(lease.resource);
                occupied--;
                wakeNext();
                return;
            }
        } finally {
            lock.unlock();
        }
        closeAndFreeSlot(lease.resource, resources.closeTimeout());
    }

    /** Closes a resource. Its slot is freed when the close is complete. */
    private CompletableFuture<?> closeAndFreeSlot(T resource, Duration timeout) {
        CompletableFuture<?> closing;
        try {
            closing = resources.close(resource, timeout);
        } catch (RuntimeException e) {
            closing = CompletableFuture.failedFuture(e);
        }
        return closing.handle((done, error) -> {
            freeSlot();
            return done;
        });
    }

    private void freeSlot() {
        lock.lock();
        try {
            occupied--;
            wakeNext();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Signals the first waiter. Each waiter that leaves signals the next, so one signal serves any number of free
     * slots.
     */
    private void wakeNext() {
        Condition next = waiters.peekFirst();
        if (next != null && (closed || occupied < limit)) {
            next.signal();
        }
    }

    void resize(int newLimit) {
        requireAtLeastOne("limit", newLimit);
        List<T> surplus = new ArrayList<>();
        lock.lock();
        try {
            limit = newLimit;
            for (int excess = occupied + idle.size() - limit; excess > 0 && !idle.isEmpty(); excess--) {
                surplus.add(idle.removeLast());
                occupied++;
            }
            wakeNext();
        } finally {
            lock.unlock();
        }
        surplus.forEach(resource -> closeAndFreeSlot(resource, resources.closeTimeout()));
    }

    /** Closes all resources, idle or in use, and wakes the waiters, whose acquire fails. */
    CompletableFuture<Void> close(Duration timeout) {
        requireNotNegative("timeout", timeout);
        List<T> all;
        lock.lock();
        try {
            closed = true;
            all = new ArrayList<>(idle);
            idle.clear();
            occupied += all.size();
            leases.forEach(lease -> all.add(lease.resource));
            leases.clear();
            wakeNext();
        } finally {
            lock.unlock();
        }
        return CompletableFuture.allOf(all.stream()
                .map(resource -> closeAndFreeSlot(resource, timeout))
                .toArray(CompletableFuture<?>[]::new));
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
            return closed ? 0 : Math.max(0, limit - occupied);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return kind + " pool[limit " + limit() + ", in use " + inUse() + "]";
    }
}
