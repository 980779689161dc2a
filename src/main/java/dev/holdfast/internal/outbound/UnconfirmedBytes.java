package dev.holdfast.internal.outbound;

import dev.holdfast.internal.concurrent.WaitQueue;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * The bytes that count against the bound on unconfirmed bytes, of all channels of a connection, and the messages that
 * wait for bytes, in order.
 *
 * <pre>
 *   retained   capacity of the segments of the log
 *   reserved   length of the large messages that are being encoded into a segment of their own, outside the lock
 *   delayed    length of the messages that wait, as a copy, for their next attempt
 * </pre>
 *
 * A message is admitted if its bytes fit or if no other message has bytes: one larger than the bound is admitted alone.
 * A later message does not pass a waiting one, unless delayed messages alone keep that one from being admitted.
 *
 * <p>Guarded by the log's lock.
 */
public final class UnconfirmedBytes {
    /**
     * Queued bytes up to which publishes without a confirm are always admitted. The segment that is being filled counts
     * as queued, and its pooled buffer may be larger than {@link SegmentLog#SEGMENT_BYTES}.
     */
    public static final int MIN_QUEUED_BYTES = 2 * SegmentLog.SEGMENT_BYTES;

    private final SegmentLog segments;
    private final Lock lock;
    private final Ticker clock;

    /** Callers that wait until {@link #admitsWithoutConfirm}. */
    private final WaitQueue callersWithoutConfirm;

    /** First the messages that wait for a retry, then the new ones, each in the order in which they began to wait. */
    private final List<Waiter> waiters = new ArrayList<>();

    private long maxBytes = Long.MAX_VALUE;
    private long reserved;
    private long delayed;

    /** A message that waits for bytes. */
    static final class Waiter {
        private final long length;
        private final boolean retry;
        private final Runnable signal;

        /**
         * @param retry whether the bytes of the message are counted already, as delayed
         * @param signal called with the lock when the message may be admitted; calls no method of this class
         */
        Waiter(long length, boolean retry, Runnable signal) {
            this.length = length;
            this.retry = retry;
            this.signal = signal;
        }
    }

    UnconfirmedBytes(SegmentLog segments, Lock lock, Ticker clock, WaitQueue callersWithoutConfirm) {
        this.segments = segments;
        this.lock = lock;
        this.clock = clock;
        this.callersWithoutConfirm = callersWithoutConfirm;
    }

    /** Sets the bound. */
    public void limit(long bytes) {
        maxBytes = bytes;
    }

    /** All bytes that count. */
    public long used() {
        return segments.retainedBytes() + reserved + delayed;
    }

    /** Whether a new message of this length is admitted: it fits, and no message waits that it must not pass. */
    public boolean admits(long length) {
        return fits(length) && (waiters.isEmpty() || mayPass(waiters.size()));
    }

    /** Whether this message, which waits, is admitted. */
    boolean admits(Waiter waiter) {
        return fits(waiter) && mayPass(waiters.indexOf(waiter));
    }

    /** Whether a new message of this length fits, if it need not wait for others. */
    public boolean fits(long length) {
        return used() + segments.growth(length) <= maxBytes || (delayed == 0 && isNothingInFlight());
    }

    private boolean fits(Waiter waiter) {
        if (!waiter.retry) {
            return fits(waiter.length);
        }
        long growth = segments.growth(waiter.length) - waiter.length;
        return growth <= 0 || used() + growth <= maxBytes || isNothingInFlight();
    }

    private boolean isNothingInFlight() {
        return reserved == 0 && segments.holdsNoMessage();
    }

    private boolean mayPass(int index) {
        for (int i = 0; i < index; i++) {
            if (isAdmittedLater(waiters.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the message is admitted once the bytes of those before it are free, except the delayed ones. */
    private boolean isAdmittedLater(Waiter waiter) {
        return waiter.retry || delayed == 0 || delayed + Math.max(waiter.length, SegmentLog.SEGMENT_BYTES) <= maxBytes;
    }

    /** Whether bytes of a publish without a confirm may be appended. They count until they are sent. */
    public boolean admitsWithoutConfirm() {
        return segments.queuedBytes() <= MIN_QUEUED_BYTES || (waiters.isEmpty() && used() <= maxBytes);
    }

    /** Counts a large message before its segment is allocated. */
    public void reserve(long length) {
        reserved += length;
    }

    /** The segment of the large message is counted from now on, or the message failed. */
    public void release(long length) {
        reserved -= length;
        freed();
    }

    /** Counts a message that waits for its next attempt outside the log. */
    void delay(long length) {
        delayed += length;
        freed(); // a later message may now pass one that waits
    }

    /** The message is in the log again, or has its outcome. */
    void endDelay(long length) {
        delayed -= length;
        freed();
    }

    /**
     * Waits, behind the messages that already do, until a new message of this length is admitted.
     *
     * @return false if {@code limit} passed before, or the message may not be sent any more
     */
    public boolean await(long length, long limit, BooleanSupplier maySend) throws InterruptedException {
        Condition signalled = lock.newCondition();
        Waiter waiter = new Waiter(length, false, signalled::signal);
        enqueue(waiter);
        try {
            while (maySend.getAsBoolean()) {
                if (admits(waiter)) {
                    return true;
                }
                long remaining = limit - clock.nanoTime();
                if (remaining <= 0) {
                    return false;
                }
                long unused = signalled.awaitNanos(remaining);
            }
            return false;
        } finally {
            leave(waiter);
        }
    }

    boolean hasWaiters() {
        return !waiters.isEmpty();
    }

    /** The message begins to wait; it is signalled until it {@link #leave leaves}. */
    void enqueue(Waiter waiter) {
        int index = waiters.size();
        while (waiter.retry && index > 0 && !waiters.get(index - 1).retry) {
            index--;
        }
        waiters.add(index, waiter);
    }

    /** The message waits no longer, and the next one is signalled if it fits. */
    void leave(Waiter waiter) {
        waiters.remove(waiter);
        signal(this::fits);
    }

    /** Signals all waiting messages: what they wait for may have changed. */
    public void signalAll() {
        waiters.forEach(waiter -> waiter.signal.run());
    }

    /** Bytes were freed or sent. A new message is signalled when half of the bytes that are not delayed are free. */
    void freed() {
        signal(this::isHalfFree);
    }

    private void signal(Predicate<Waiter> ready) {
        if (!callersWithoutConfirm.isEmpty() && admitsWithoutConfirm()) {
            callersWithoutConfirm.wake();
        }
        for (int i = 0; i < waiters.size(); i++) {
            Waiter waiter = waiters.get(i);
            if (ready.test(waiter)) {
                waiter.signal.run();
                return;
            }
            if (isAdmittedLater(waiter)) {
                return;
            }
        }
    }

    private boolean isHalfFree(Waiter waiter) {
        long half = (maxBytes - delayed) / 2;
        boolean enough = waiter.retry || waiter.length > half || used() - delayed <= half || isNothingInFlight();
        return enough && fits(waiter);
    }
}
