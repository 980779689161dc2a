package dev.holdfast.cli.perf;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A part of a run, warm-up or measurement, that all its threads do together. It ends when everything is sent and has an
 * outcome, or soon after {@link #stop} or the first failure. Thread-safe.
 *
 * <p>With a rate every message has a time when it is due, whatever became of those before it: a peer that stalls makes the
 * messages that wait late, and the latencies tell.
 */
final class PublishPhase {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final int GOLDEN_RATIO_SHIFT = 40;

    private final long messages;
    private final double intervalNanos;
    private final long sampleMask;
    private final int threads;
    private final CountDownLatch running;
    private final AtomicLong confirmed = new AtomicLong();
    private final AtomicLong endNanos = new AtomicLong(Long.MIN_VALUE);
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private final long startNanos = System.nanoTime();
    private volatile boolean stopped;

    /**
     * Starts now.
     *
     * @param rate messages a second; 0 for no schedule
     * @param sampleInterval one message of so many has its latency measured: a power of two
     */
    PublishPhase(long messages, double rate, int threads, int sampleInterval) {
        this.messages = messages;
        this.intervalNanos = rate > 0 ? 1e9 / rate : 0;
        this.threads = threads;
        this.sampleMask = sampleInterval - 1L;
        this.running = new CountDownLatch(threads);
    }

    long startNanos() {
        return startNanos;
    }

    /** How many of the messages this thread sends. */
    long share(int thread) {
        return messages / threads + (thread < messages % threads ? 1 : 0);
    }

    /** Spread evenly, but not in step with whatever else goes round in powers of two. */
    boolean isSampled(long message) {
        return (((message * GOLDEN_RATIO) >>> GOLDEN_RATIO_SHIFT) & sampleMask) == 0;
    }

    boolean hasSchedule() {
        return intervalNanos > 0;
    }

    /** Waits until a thread's message is due, and says when that was or is; at a stop it returns at once. */
    long awaitDue(int thread, long message) {
        long due = startNanos + (long) ((message * threads + thread) * intervalNanos);
        for (long remaining = due - System.nanoTime(); remaining > 0 && !stopped; remaining = due - System.nanoTime()) {
            LockSupport.parkNanos(this, Math.min(remaining, TimeUnit.MILLISECONDS.toNanos(100)));
        }
        return due;
    }

    void stop() {
        stopped = true;
    }

    boolean stopped() {
        return stopped;
    }

    /** A message has failed: the measurement is void. */
    void fail(RuntimeException error) {
        failure.compareAndSet(null, error);
        stopped = true;
    }

    @Nullable
    RuntimeException failure() {
        return failure.get();
    }

    /** A thread is through. */
    void threadFinished(long threadConfirmed) {
        confirmed.addAndGet(threadConfirmed);
        endNanos.accumulateAndGet(System.nanoTime(), Math::max);
        running.countDown();
    }

    /** Waits for all threads; false if that takes longer. */
    boolean await(Duration timeout) throws InterruptedException {
        return running.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** How many messages were confirmed; known when all threads are through. */
    long confirmed() {
        return confirmed.get();
    }

    /** From the start to the last outcome. */
    double seconds() {
        return (endNanos.get() - startNanos) / 1e9;
    }
}
