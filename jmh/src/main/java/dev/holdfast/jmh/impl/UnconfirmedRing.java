package dev.holdfast.jmh.impl;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Futures by delivery tag for one publishing thread and one confirming thread: the leanest way there is to know the
 * outcome of each message, so that a client that offers none is not measured by somebody's slow one.
 */
final class UnconfirmedRing {
    private final int window;
    private final AtomicReferenceArray<@Nullable CompletableFuture<Void>> futures;
    private final int mask;
    private volatile long confirmed;
    private volatile @Nullable Thread waiter;
    private volatile long wakeAt;
    private long published;

    UnconfirmedRing(int window) {
        this.window = window;
        int capacity = Integer.highestOneBit(window) * 2;
        this.futures = new AtomicReferenceArray<>(capacity);
        this.mask = capacity - 1;
    }

    /** Waits until the window has room; once it is full, until half of it is free. */
    CompletableFuture<Void> add(long tag) throws InterruptedException {
        if (published - confirmed >= window) {
            await(published - window / 2);
        }
        published = tag;
        CompletableFuture<Void> future = new CompletableFuture<>();
        futures.lazySet((int) tag & mask, future);
        return future;
    }

    void awaitEmpty() throws InterruptedException {
        await(published);
    }

    private void await(long tag) throws InterruptedException {
        wakeAt = tag;
        waiter = Thread.currentThread();
        while (confirmed < tag) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        waiter = null;
    }

    /** The confirming thread has heard of this tag. */
    void confirmed(long tag, boolean multiple) {
        for (long next = multiple ? confirmed + 1 : tag; next <= tag; next++) {
            CompletableFuture<Void> future = futures.get((int) next & mask);
            if (future == null) {
                throw new IllegalStateException("tag: " + next + " (expected: an unconfirmed one)");
            }
            futures.lazySet((int) next & mask, null);
            future.complete(null);
        }
        confirmed = tag;
        Thread waiting = waiter;
        if (waiting != null && tag >= wakeAt) {
            LockSupport.unpark(waiting);
        }
    }
}
