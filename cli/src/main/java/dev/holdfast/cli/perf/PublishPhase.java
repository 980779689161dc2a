package dev.holdfast.cli.perf;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A phase of a publish run, warm-up or measurement, shared by all threads. It ends when every message is sent and has
 * its outcome, or soon after {@link #stop} or the first failure. Thread-safe.
 *
 * <p>With a rate every message has a due time that does not depend on earlier messages. If the peer stalls, the waiting
 * messages are late, and their latencies include the delay.
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
     * Starts the phase.
     *
     * @param rate messages a second of all threads; 0 for no schedule
     * @param sampleInterval one message of so many is timed; a power of two
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

    /** Returns the number of messages that a thread sends. */
    long share(int thread) {
        return messages / threads + (thread < messages % threads ? 1 : 0);
    }

    /** Samples evenly by a multiplicative hash, which avoids aliasing with other periods that are powers of two. */
    boolean isSampled(long message) {
        return (((message * GOLDEN_RATIO) >>> GOLDEN_RATIO_SHIFT) & sampleMask) == 0;
    }

    boolean hasSchedule() {
        return intervalNanos > 0;
    }

    /**
     * Waits until a message of a thread is due, or for a stop. Returns the due time, in the past for a late message.
     */
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

    /** Stops the phase because a message failed, which invalidates the measurement. */
    void fail(RuntimeException error) {
        failure.compareAndSet(null, error);
        stopped = true;
    }

    @Nullable
    RuntimeException failure() {
        return failure.get();
    }

    /** Reports that a thread has sent its share and has all outcomes. */
    void threadFinished(long threadConfirmed) {
        confirmed.addAndGet(threadConfirmed);
        endNanos.accumulateAndGet(System.nanoTime(), Math::max);
        running.countDown();
    }

    /** Waits for all threads to finish; false after the timeout. */
    boolean await(Duration timeout) throws InterruptedException {
        return running.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Returns the number of confirmed messages, once all threads have finished. */
    long confirmed() {
        return confirmed.get();
    }

    /** Returns the seconds from the start to the last outcome. */
    double seconds() {
        return (endNanos.get() - startNanos) / 1e9;
    }
}
