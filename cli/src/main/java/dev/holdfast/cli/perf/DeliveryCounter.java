package dev.holdfast.cli.perf;

import dev.holdfast.measure.Cost;
import dev.holdfast.measure.CostMeter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts the deliveries of a run: first those of the warm-up, then the measured ones. Thread-safe. */
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

    /** @param monitor the thread whose allocations and CPU time are not measured */
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

    /** Counts a delivery; true for the last one. */
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

    /** Waits for the last delivery; false after the timeout. */
    boolean await(Duration timeout) throws InterruptedException {
        boolean ended = done.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
        if (ended && cancelled) {
            throw new IllegalStateException("consumer: cancelled by the broker after " + count + " messages");
        }
        return ended;
    }

    /** Returns the number of deliveries, including the warm-up. */
    long count() {
        return count.get();
    }

    /** Returns the number of measured deliveries. */
    long measuredCount() {
        return Math.max(0, count.get() - warmup);
    }

    /** Returns the seconds since the warm-up, up to the last delivery; 0 during the warm-up. */
    double seconds() {
        if (meter == null) {
            return 0;
        }
        return ((done.getCount() == 0 ? endNanos : System.nanoTime()) - startNanos) / 1e9;
    }

    /** Returns the cost since the warm-up. */
    Cost cost() {
        CostMeter costMeter = meter;
        return costMeter == null ? new Cost(0, 0, 0) : costMeter.read();
    }
}
