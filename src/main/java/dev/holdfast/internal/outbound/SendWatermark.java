package dev.holdfast.internal.outbound;

import dev.holdfast.internal.concurrent.WaitQueue;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * Keeps publishers from running far ahead of a transport that is nearly as fast as they are. Bytes that one core
 * writes and another sends then stay in the processor's caches, and the same memory is used again.
 *
 * <pre>
 *   publish ──512 KiB queued──► wait ──256 KiB queued──► continue
 *                                └──transport is slow──► continue, and no publisher waits for 50 ms
 * </pre>
 *
 * A slow transport does not make publishers wait here: what they publish is queued up to the bounds of the window.
 *
 * <p>Guarded by the log's lock.
 */
public final class SendWatermark {
    /** Queued bytes at which publishers wait. Chosen against 1 MiB, 2 MiB and no limit for messages of 256 KiB. */
    static final long HIGH_BYTES = 512 * 1024;

    /** Queued bytes at which waiting publishers continue. */
    private static final long LOW_BYTES = HIGH_BYTES / 2;

    /**
     * Time limit for the transport to drain 256 KiB (131 MB/s, more than a network of 1 Gbit/s). A slower transport
     * is not throttled.
     */
    static final long MAX_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /**
     * After the transport missed the time limit, no publisher waits for this long. A slow transport therefore delays
     * publishers by at most 2 ms in every 52 ms.
     */
    private static final long SUSPEND_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final SegmentLog segments;
    private final WaitQueue waiters;
    private final Ticker clock;
    private final long maxWaitNanos;

    private boolean suspended;
    private long suspendedUntil;

    /** @param waiters where publishers wait; {@link #transferred} wakes them */
    SendWatermark(SegmentLog segments, WaitQueue waiters, Ticker clock, long maxWaitNanos) {
        this.segments = segments;
        this.waiters = waiters;
        this.clock = clock;
        this.maxWaitNanos = maxWaitNanos;
    }

    /**
     * Whether the high watermark is reached and appending {@code length} bytes needs a new segment, so that the
     * publisher must wait.
     */
    public boolean mustWait(long length) {
        if (segments.queuedBytes() < HIGH_BYTES || segments.growth(length) == 0) {
            return false;
        }
        if (suspended && clock.nanoTime() - suspendedUntil < 0) {
            return false;
        }
        suspended = false;
        return true;
    }

    /** Waits until the low watermark is reached, or until the time limit or {@code nanos} have passed. */
    public void await(long nanos) throws InterruptedException {
        long before = segments.transferredBytes();
        long remaining = Math.min(maxWaitNanos, nanos);
        while (isAboveLow() && remaining > 0) {
            remaining = waiters.await(remaining);
        }
        if (isAboveLow() && segments.transferredBytes() - before < LOW_BYTES) {
            suspended = true;
            suspendedUntil = clock.nanoTime() + SUSPEND_NANOS;
        }
    }

    /** Called after bytes were transferred. */
    void transferred() {
        if (!waiters.isEmpty() && !isAboveLow()) {
            waiters.wake();
        }
    }

    private boolean isAboveLow() {
        return segments.queuedBytes() > LOW_BYTES;
    }
}
