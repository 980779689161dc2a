package dev.holdfast.cli.perf;

import dev.holdfast.measure.Cost;
import dev.holdfast.measure.CostMeter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts what the consumers of a run take: first the warm-up, then what is measured. Thread-safe. */
final class DeliveryCounter {
    private final long warmup;
    private final long total;
    private final Thread watcher;
    private final AtomicLong count = new AtomicLong();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile @Nullable CostMeter meter;
    private volatile long startNanos;
    private volatile long endNanos;
    private volatile boolean cancelled;

    /** @param watcher the thread that does not count */
    DeliveryCounter(long warmup, long messages, Thread watcher) {
        this.warmup = warmup;
        this.total = warmup + messages;
        this.watcher = watcher;
        if (warmup == 0) {
            start();
        }
    }

    private void start() {
        meter = new CostMeter(watcher);
        startNanos = System.nanoTime();
    }

    /** One more; true for the last. */
    boolean next() {
        long now = count.incrementAndGet();
        if (now == warmup) {
            start();
        }
        if (now == total) {
            endNanos = System.nanoTime();
            over.countDown();
        }
        return now == total;
    }

    void cancelled() {
        cancelled = true;
        over.countDown();
    }

    /** Waits for the last; false if that takes longer. */
    boolean await(Duration most) throws InterruptedException {
        boolean ended = over.await(most.toNanos(), TimeUnit.NANOSECONDS);
        if (ended && cancelled) {
            throw new IllegalStateException("consumer: ended by the broker after " + count + " messages");
        }
        return ended;
    }

    /** How many were taken, those of the warm-up included. */
    long count() {
        return count.get();
    }

    /** How many of those that are measured. */
    long measured() {
        return Math.max(0, count.get() - warmup);
    }

    /** Seconds since the warm-up ended, 0 before that; at the end those it took. */
    double seconds() {
        if (meter == null) {
            return 0;
        }
        return ((over.getCount() == 0 ? endNanos : System.nanoTime()) - startNanos) / 1e9;
    }

    /** What was spent since the warm-up ended. */
    Cost cost() {
        CostMeter started = meter;
        return started == null ? new Cost(0, 0, 0) : started.read();
    }
}
