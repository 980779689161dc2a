package dev.holdfast.testkit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Delays, throttles, splits and stalls one direction of all connections of a {@link FaultProxy}. Thread-safe. */
final class TrafficShaper {
    /** A throttled direction forwards the bytes of 1/20 second at a time, so that the rate is even. */
    private static final int SLICES_PER_SECOND = 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LongAdder forwardedBytes = new LongAdder();
    private final AtomicReference<ConnectionFaults> nextFaults = new AtomicReference<>(ConnectionFaults.NONE);
    private boolean stalled;
    private boolean splitting;
    private long delayNanos;
    private long bytesPerSecond;
    /** Time in System.nanoTime() from which the next throttled slice may be forwarded. */
    private long nextSliceNanos = System.nanoTime();

    void stall(boolean stall) {
        lock.lock();
        try {
            stalled = stall;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void throttle(long rate) {
        lock.lock();
        try {
            bytesPerSecond = rate;
            nextSliceNanos = System.nanoTime();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void split(boolean split) {
        lock.lock();
        try {
            splitting = split;
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

    /** Faults of one connection: a cut after {@code byteLimit} bytes, and one byte XORed with {@code corruptMask}. */
    record ConnectionFaults(long byteLimit, long corruptOffset, int corruptMask) {
        static final ConnectionFaults NONE = new ConnectionFaults(Long.MAX_VALUE, -1, 0);

        /** Corrupts the byte if this buffer contains it; its first byte has this offset in the stream. */
        void corrupt(byte[] bytes, int count, long offset) {
            if (corruptOffset >= offset && corruptOffset < offset + count) {
                bytes[(int) (corruptOffset - offset)] ^= (byte) corruptMask;
            }
        }
    }

    void limitNext(long bytes) {
        nextFaults.updateAndGet(faults -> new ConnectionFaults(bytes, faults.corruptOffset, faults.corruptMask));
    }

    void corruptNext(long offset, int mask) {
        nextFaults.updateAndGet(faults -> new ConnectionFaults(faults.byteLimit, offset, mask));
    }

    /** Returns the faults that were set for the next connection, and clears them. */
    ConnectionFaults takeNextFaults() {
        return nextFaults.getAndSet(ConnectionFaults.NONE);
    }

    void addForwarded(int bytes) {
        forwardedBytes.add(bytes);
    }

    long forwardedBytes() {
        return forwardedBytes.sum();
    }

    /** Wakes waiting threads, so that they see that their connection was cut. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until bytes may be forwarded.
     *
     * @param requested the number of bytes to forward
     * @param arrivalNanos the time of their arrival, in System.nanoTime()
     * @return how many of the requested bytes may be forwarded, at least one; 0 if the connection was cut meanwhile
     */
    int acquire(int requested, long arrivalNanos, AtomicBoolean cut) throws InterruptedException {
        lock.lock();
        try {
            while (!cut.get()) {
                long now = System.nanoTime();
                long remainingDelay = arrivalNanos + delayNanos - now;
                long remainingPause = nextSliceNanos - now;
                int max = splitting ? 1 : requested;
                if (stalled) {
                    changed.await();
                } else if (remainingDelay > 0) {
                    changed.awaitNanos(remainingDelay);
                } else if (bytesPerSecond == 0) {
                    return max;
                } else if (remainingPause > 0) {
                    changed.awaitNanos(remainingPause);
                } else {
                    int slice = (int) Math.min(max, Math.max(1, bytesPerSecond / SLICES_PER_SECOND));
                    nextSliceNanos = System.nanoTime() + slice * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
                    return slice;
                }
            }
            return 0;
        } finally {
            lock.unlock();
        }
    }
}
