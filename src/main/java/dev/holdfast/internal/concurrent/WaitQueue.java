package dev.holdfast.internal.concurrent;

import java.util.concurrent.locks.Condition;

/**
 * Where the publishers of a connection wait for room: one place for all their channels, since they share the log's bytes, and
 * whoever frees those wakes them all. Guarded by the log's lock.
 */
public final class WaitQueue {
    private final Condition freed;
    private int waiting;
    private int forBytes;

    public WaitQueue(Condition freed) {
        this.freed = freed;
    }

    /**
     * Waits until woken, or this time is over; the caller looks again.
     *
     * @param bytes what is missing are the bytes that all share
     * @return what is left of the time
     */
    @SuppressWarnings("WaitNotInLoop")
    public long await(long nanos, boolean bytes) throws InterruptedException {
        waiting++;
        forBytes += bytes ? 1 : 0;
        try {
            return freed.awaitNanos(nanos);
        } finally {
            waiting--;
            forBytes -= bytes ? 1 : 0;
        }
    }

    public boolean isEmpty() {
        return waiting == 0;
    }

    public boolean anyAwaitsBytes() {
        return forBytes > 0;
    }

    /** Whoever waits looks again. */
    public void wake() {
        freed.signalAll();
    }
}
