package dev.holdfast.testkit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** One direction of a {@link FaultProxy}: how much may pass, and when. Thread-safe. */
final class Valve {
    static final long NO_LIMIT = Long.MAX_VALUE;

    /** Throttled bytes pass in slices of this share of a second, so that a slow stream is slow and not jerky. */
    private static final int SLICES_PER_SECOND = 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LongAdder passed = new LongAdder();
    private final AtomicLong nextLimit = new AtomicLong(NO_LIMIT);
    private boolean stalled;
    private long bytesPerSecond;
    /** When the bytes already let through are paid for, in System.nanoTime(). */
    private long paidUntil = System.nanoTime();

    void stall(boolean on) {
        lock.lock();
        try {
            stalled = on;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void throttle(long rate) {
        lock.lock();
        try {
            bytesPerSecond = rate;
            paidUntil = System.nanoTime();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void limitNext(long bytes) {
        nextLimit.set(bytes);
    }

    /** The limit that was set for the next connection, which is now. */
    long takeLimit() {
        return nextLimit.getAndSet(NO_LIMIT);
    }

    void count(int bytes) {
        passed.add(bytes);
    }

    long passed() {
        return passed.sum();
    }

    /** Wakes whoever waits, so that it sees that its connection was cut. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until bytes may pass.
     *
     * @return how many of the wanted, at least one; 0 if the connection was cut meanwhile
     */
    int pass(int wanted, AtomicBoolean cut) throws InterruptedException {
        lock.lock();
        try {
            while (!cut.get()) {
                long wait = paidUntil - System.nanoTime();
                if (stalled) {
                    changed.await();
                } else if (bytesPerSecond == 0) {
                    return wanted;
                } else if (wait > 0) {
                    changed.awaitNanos(wait);
                } else {
                    int slice = (int) Math.min(wanted, Math.max(1, bytesPerSecond / SLICES_PER_SECOND));
                    paidUntil = System.nanoTime() + slice * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
                    return slice;
                }
            }
            return 0;
        } finally {
            lock.unlock();
        }
    }
}
