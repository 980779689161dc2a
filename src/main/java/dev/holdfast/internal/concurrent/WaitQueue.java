package dev.holdfast.internal.concurrent;

import java.util.concurrent.locks.Condition;

/**
 * Threads that wait for the same condition, such as room in a window. All of them are woken together, and each checks
 * its condition again.
 *
 * <p>Guarded by the log's lock.
 */
public final class WaitQueue {
    private final Condition freed;
    private int waiting;

    public WaitQueue(Condition freed) {
        this.freed = freed;
    }

    /**
     * Waits until woken or until {@code nanos} have passed; the caller checks its condition again.
     *
     * @return the remaining nanoseconds
     */
    @SuppressWarnings("WaitNotInLoop")
    public long await(long nanos) throws InterruptedException {
        waiting++;
        try {
            return freed.awaitNanos(nanos);
        } finally {
            waiting--;
        }
    }

    public boolean isEmpty() {
        return waiting == 0;
    }

    /** Wakes all waiting threads. */
    public void wake() {
        freed.signalAll();
    }
}
