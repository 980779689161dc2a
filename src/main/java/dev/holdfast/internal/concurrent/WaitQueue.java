package dev.holdfast.internal.concurrent;

import java.util.concurrent.locks.Condition;

/**
 * Threads that wait for room in a window or in the outbound log. The channels of a connection share one queue,
 * because they share the log's bytes: a thread that frees bytes wakes all waiting threads.
 *
 * <p>Guarded by the log's lock.
 */
public final class WaitQueue {
    private final Condition freed;
    private int waiting;
    private int waitingForBytes;

    public WaitQueue(Condition freed) {
        this.freed = freed;
    }

    /**
     * Waits until woken or until {@code nanos} have passed; the caller checks its condition again.
     *
     * @param forBytes whether the caller waits for bytes, which all channels share, and not for its own window
     * @return the remaining nanoseconds
     */
    @SuppressWarnings("WaitNotInLoop")
    public long await(long nanos, boolean forBytes) throws InterruptedException {
        waiting++;
        waitingForBytes += forBytes ? 1 : 0;
        try {
            return freed.awaitNanos(nanos);
        } finally {
            waiting--;
            waitingForBytes -= forBytes ? 1 : 0;
        }
    }

    public boolean isEmpty() {
        return waiting == 0;
    }

    public boolean anyAwaitsBytes() {
        return waitingForBytes > 0;
    }

    /** Wakes all waiting threads. */
    public void wake() {
        freed.signalAll();
    }
}
