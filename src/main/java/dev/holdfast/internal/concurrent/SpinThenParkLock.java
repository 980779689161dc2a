package dev.holdfast.internal.concurrent;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The outbound log's lock: whoever finds it taken tries again for some microseconds before it parks.
 *
 * <p>It is held for less than a publish takes, but for most of the time where one thread publishes without a pause: the I/O
 * thread, which needs it once a write, would park at nearly every write, and the publisher would spend a system call on
 * waking it. The pauses between the tries grow, since every look at the lock takes its line of memory away from the core
 * that holds it.
 */
public final class SpinThenParkLock extends ReentrantLock {
    private static final long serialVersionUID = 1;

    /** In calls of {@link Thread#onSpinWait}: 127 in all, 2 to 7 microseconds on the x86 processors that were measured. */
    private static final int LONGEST_PAUSE = 64;

    @Override
    public void lock() {
        if (tryLock()) {
            return;
        }
        for (int pause = 1; pause <= LONGEST_PAUSE; pause *= 2) {
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
