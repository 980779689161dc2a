package dev.holdfast.jmh.adapter;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Futures by delivery tag, for one publishing and one confirming thread. It adds as little cost as possible to a
 * client that has no futures of its own.
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

    /** Adds a future. Waits while the window is full, then until half of it is free. */
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

    /** Completes the future of this tag, or of all tags up to it. Called by the confirming thread. */
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
        Thread parked = waiter;
        if (parked != null && tag >= wakeAt) {
            LockSupport.unpark(parked);
        }
    }
}
