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
    private final Thread monitor;
    private final AtomicLong count = new AtomicLong();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable CostMeter meter;
    private volatile long startNanos;
    private volatile long endNanos;
    private volatile boolean cancelled;

    /** @param monitor the thread that does not count */
    DeliveryCounter(long warmup, long messages, Thread monitor) {
        this.warmup = warmup;
        this.total = warmup + messages;
        this.monitor = monitor;
        if (warmup == 0) {
            start();
        }
    }

    private void start() {
        meter = new CostMeter(monitor);
        startNanos = System.nanoTime();
    }

    /** One more; true for the last. */
    boolean increment() {
        long newCount = count.incrementAndGet();
        if (newCount == warmup) {
            start();
        }
        if (newCount == total) {
            endNanos = System.nanoTime();
            done.countDown();
        }
        return newCount == total;
    }

    void cancel() {
        cancelled = true;
        done.countDown();
    }

    /** Waits for the last; false if that takes longer. */
    boolean await(Duration timeout) throws InterruptedException {
        boolean ended = done.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
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
    long measuredCount() {
        return Math.max(0, count.get() - warmup);
    }

    /** Seconds since the warm-up ended, 0 before that; at the end those it took. */
    double seconds() {
        if (meter == null) {
            return 0;
        }
        return ((done.getCount() == 0 ? endNanos : System.nanoTime()) - startNanos) / 1e9;
    }

    /** What was spent since the warm-up ended. */
    Cost cost() {
        CostMeter costMeter = meter;
        return costMeter == null ? new Cost(0, 0, 0) : costMeter.read();
    }
}
