package dev.holdfast.testkit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** One direction of a {@link FaultProxy}: how much may pass, and when. Thread-safe. */
final class TrafficShaper {
    /** Throttled bytes pass in slices of this share of a second, so that a slow stream is slow and not jerky. */
    private static final int SLICES_PER_SECOND = 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LongAdder passed = new LongAdder();
    private final AtomicReference<ConnectionFaults> next = new AtomicReference<>(ConnectionFaults.NOTHING);
    private boolean stalled;
    private boolean splitting;
    private long delayNanos;
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

    void split(boolean on) {
        lock.lock();
        try {
            splitting = on;
        } finally {
            lock.unlock();
        }
    }

    void delay(long nanos) {
        lock.lock();
        try {
            delayNanos = nanos;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What happens to one connection: the end after so many bytes, and the byte that arrives changed. */
    record ConnectionFaults(long limit, long corruptAt, int mask) {
        static final ConnectionFaults NOTHING = new ConnectionFaults(Long.MAX_VALUE, -1, 0);

        /** Changes the byte if it is among these, the first of which has this place in the stream. */
        void corrupt(byte[] bytes, int count, long place) {
            if (corruptAt >= place && corruptAt < place + count) {
                bytes[(int) (corruptAt - place)] ^= (byte) mask;
            }
        }
    }

    void limitNext(long bytes) {
        next.updateAndGet(faults -> new ConnectionFaults(bytes, faults.corruptAt, faults.mask));
    }

    void corruptNext(long offset, int mask) {
        next.updateAndGet(faults -> new ConnectionFaults(faults.limit, offset, mask));
    }

    /** What was set for the next connection, which is now. */
    ConnectionFaults takeNextFaults() {
        return next.getAndSet(ConnectionFaults.NOTHING);
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
     * Waits until bytes may pass that arrived at this time, in System.nanoTime().
     *
     * @return how many of the wanted, at least one; 0 if the connection was cut meanwhile
     */
    int pass(int wanted, long arrived, AtomicBoolean cut) throws InterruptedException {
        lock.lock();
        try {
            while (!cut.get()) {
                long now = System.nanoTime();
                long late = arrived + delayNanos - now;
                long wait = paidUntil - now;
                int most = splitting ? 1 : wanted;
                if (stalled) {
                    changed.await();
                } else if (late > 0) {
                    changed.awaitNanos(late);
                } else if (bytesPerSecond == 0) {
                    return most;
                } else if (wait > 0) {
                    changed.awaitNanos(wait);
                } else {
                    int slice = (int) Math.min(most, Math.max(1, bytesPerSecond / SLICES_PER_SECOND));
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
