package dev.holdfast.internal.concurrent;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock of the outbound log. A thread that finds it taken spins for some microseconds before it parks.
 *
 * <p>A publisher that publishes without a break holds the lock for most of the time, but each time for less than a
 * publish takes. With a plain ReentrantLock the I/O thread, which takes the lock once per write, parks at nearly
 * every write, and the publisher makes a system call to wake it. The pauses between the attempts grow, because each
 * attempt takes the lock's cache line away from the core that holds it.
 */
public final class SpinThenParkLock extends ReentrantLock {
    private static final long serialVersionUID = 1;

    /** Longest pause, in calls of {@link Thread#onSpinWait}; all pauses together are 127 calls. */
    private static final int MAX_PAUSE = 64;

    @Override
    public void lock() {
        if (tryLock()) {
            return;
        }
        for (int pause = 1; pause <= MAX_PAUSE; pause *= 2) {
            for (int i = 0; i < pause; i++) {
                Thread.onSpinWait();
            }
            if (tryLock()) {
                return;
            }
        }
        super.lock();
    }
}
