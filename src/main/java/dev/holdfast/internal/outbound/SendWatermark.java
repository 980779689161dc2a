package dev.holdfast.internal.outbound;

import dev.holdfast.internal.concurrent.WaitQueue;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * Keeps publishers from running far ahead of a transport that is nearly as fast as they are: what one core writes and another
 * sends then stays in the processor's caches, and the same memory is used again and again.
 *
 * <pre>
 *   publish ──512 KiB wait for the transport──► wait ──half of it is left──► go on
 *                                                └──the transport is slow──► go on, and nobody waits for a while
 * </pre>
 *
 * A slow transport is no reason to wait: what is published to it is kept up to the window's bounds, as ever. Guarded by the
 * log's lock.
 */
public final class SendWatermark {
    /**
     * So many bytes may wait. Messages of 256 KiB a second, epoll and 2 MiB of cache a core: 13,000 with 1/2 MiB, 10,800
     * with 1, 10,300 with 2, 10,300 without an end.
     */
    static final long AHEAD = 512 * 1024;

    /** What the transport has to take half of that in, in steps of a turn: about 131 MB/s, more than a network of 1 Gbit/s does. */
    static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** How long nobody waits once it did not: at most one in 26 milliseconds is lost to a slow transport. */
    private static final long OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final SegmentLog segments;
    private final WaitQueue behind;
    private final Ticker clock;
    private final long slice;

    private boolean off;
    private long offUntil;

    /** @param behind where publishers wait; {@link #handedOver} wakes them */
    SendWatermark(SegmentLog segments, WaitQueue behind, Ticker clock, long slice) {
        this.segments = segments;
        this.behind = behind;
        this.clock = clock;
        this.slice = slice;
    }

    /** Whether so much waits that the publisher of these bytes is to wait, too. */
    public boolean mustWait(long length) {
        if (segments.queuedBytes() < AHEAD || segments.growth(length) == 0) {
            return false;
        }
        if (off && clock.nanoTime() - offUntil < 0) {
            return false;
        }
        off = false;
        return true;
    }

    /** Waits until less waits, the transport turns out to be slow, or this time is over. */
    public void await(long nanos) throws InterruptedException {
        long before = segments.handedBytes();
        long left = Math.min(slice, nanos);
        while (isTooMuch() && left > 0) {
            left = behind.await(left, true);
        }
        if (isTooMuch() && segments.handedBytes() - before < AHEAD / 2) {
            off = true;
            offUntil = clock.nanoTime() + OFF_NANOS;
        }
    }

    /** The transport took something. */
    void handedOver() {
        if (!behind.isEmpty() && !isTooMuch()) {
            behind.wake();
        }
    }

    private boolean isTooMuch() {
        return segments.queuedBytes() > AHEAD / 2;
    }
}
