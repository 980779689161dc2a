package dev.holdfast.internal.outbound;

import dev.holdfast.ConnectionStatistics;
import dev.holdfast.internal.concurrent.SpinThenParkLock;
import dev.holdfast.internal.concurrent.WaitQueue;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.transport.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All bytes that leave a connection, in one order: publishers and callers append under one lock, the event loop
 * hands to the transport what has gathered, in one gathering write a turn.
 *
 * <pre>
 *   append ─┐ lock        ┌ segment (handed) ┐┌ segment (waiting) ┐┌ current (filling)
 *   append ─┼────────────►│██████████████████││███████            ││████
 *   append ─┘             └────────┬─────────┘└───────────────────┘└─────────────────
 *                          kept while a message in it is live        ▲ drain: one task, pending at most once
 * </pre>
 *
 * Thread-safe; methods that say so need the lock.
 */
public final class OutboundLog {
    /**
     * Publishes have their window; answers and acks are bounded by a peer that reads them, or else by this: three million
     * acks, more than any consumer has to give while an alarm keeps its broker from reading.
     */
    private static final long MAX_CONTROL = 64 << 20;

    /** What one turn of the drain hands over at the most, unless a single message is larger. */
    private static final long TURN_BYTES = 512 * 1024;

    private final ReentrantLock lock = new SpinThenParkLock();
    private final WaitQueue waitingPublishers = new WaitQueue(lock.newCondition());
    private final SegmentLog segments;
    private final Counters counters = new Counters();
    private final ConnectionEvents events;
    private final SendWatermark watermark;

    /** Whoever waits until less is retained. */
    private final WaitQueue less = new WaitQueue(lock.newCondition());

    private final EventLoop loop;
    private final Ticker clock;
    private final DrainListener listener;
    private final Runnable drainTask = this::drain;
    private final WriteCoalescer rest;

    /** What this turn of the drain hands over. Event loop only. */
    private final ArrayDeque<ByteBuf> collected = new ArrayDeque<>();

    /** The last turn of the drain carried much. Event loop only. */
    private boolean rests;

    private @Nullable String blocked;
    private @Nullable FrameWriter link;
    private boolean drainPending;
    private boolean stalled;
    private long stamp;

    /** The stamp was taken since the drain last handed over; what else made the drain pending took none. */
    private boolean stamped;

    /** Bytes of frames other than publishes that were appended since the drain last handed over. */
    private long control;

    private @Nullable CompletableFuture<Void> emptied;

    /** What the log tells the session; called on the event loop. */
    public interface DrainListener {
        /** Bytes went to the transport. */
        void drained();

        /** Handing bytes over failed: the link is of no use any more. */
        void failed(Throwable cause);
    }

    public OutboundLog(EventLoop loop, ByteBufAllocator allocator, DrainListener listener, ConnectionEvents events) {
        this(loop, allocator, listener, events, WriteCoalescer.THRESHOLD_BYTES);
    }

    /** @param much from so many bytes on a turn of the drain is followed by a rest */
    public OutboundLog(
            EventLoop loop, ByteBufAllocator allocator, DrainListener listener, ConnectionEvents events, int much) {
        this.events = events;
        this.loop = loop;
        this.clock = loop.ticker();
        this.segments = new SegmentLog(allocator, less);
        this.watermark =
                new SendWatermark(segments, new WaitQueue(lock.newCondition()), clock, SendWatermark.SLICE_NANOS);
        this.rest = new WriteCoalescer(loop, much, this::timeOver);
        this.listener = listener;
    }

    /** Takes the lock that guards the log, its counters and everything that its publishers share. */
    public void lock() {
        lock.lock();
    }

    public void unlock() {
        lock.unlock();
    }

    /** The publishers that wait for room, in a window or in the log. Needs the lock. */
    public WaitQueue waitingPublishers() {
        return waitingPublishers;
    }

    /** The segments, which publishers encode into. Needs the lock. */
    public SegmentLog segments() {
        return segments;
    }

    /** The limit on bytes that wait for the transport. Needs the lock. */
    public SendWatermark watermark() {
        return watermark;
    }

    /** The publishes and their outcomes, counted. Needs the lock. */
    public Counters counters() {
        return counters;
    }

    /** The events of the connection, which its publishers report to. Any thread. */
    public ConnectionEvents events() {
        return events;
    }

    /** The counters, completed by those that the log does not keep. Any thread. */
    public ConnectionStatistics statistics(long connects, Duration blockedTime) {
        lock.lock();
        try {
            return counters.statistics(connects, blockedTime);
        } finally {
            lock.unlock();
        }
    }

    /** The link that takes the bytes, null while there is none. Needs the lock. */
    public @Nullable FrameWriter link() {
        return link;
    }

    /** Whether there is a link. Any thread. */
    public boolean isOpen() {
        lock.lock();
        try {
            return link != null;
        } finally {
            lock.unlock();
        }
    }

    /** The event loop's clock, which a test may turn. Any thread. */
    public long nanoTime() {
        return clock.nanoTime();
    }

    /**
     * A time not older than one turn of the drain, read from the clock only when nobody else has since: a clock read a
     * message is more than the rest of an append costs. Needs the lock.
     */
    public long now() {
        if (!stamped || !drainPending || stalled) {
            stamp = clock.nanoTime();
            stamped = true;
        }
        return stamp;
    }

    /** Why the broker reads nothing from this connection, null where it does. Needs the lock. */
    public @Nullable String blocked() {
        return blocked;
    }

    /** The broker reads nothing from now on, for this reason; null: it does again. */
    public void block(@Nullable String reason) {
        lock.lock();
        try {
            blocked = reason;
        } finally {
            lock.unlock();
        }
    }

    /** Says that bytes were appended; true where the caller must call {@link #schedule} once the lock is free. */
    public boolean appended() {
        if (link == null) {
            return false;
        }
        if (drainPending) {
            return segments.hasFull() && rest.end();
        }
        drainPending = true;
        return true;
    }

    /** Schedules the drain that {@link #appended} asked for. On the hot path not under the lock: waking the loop is a system call. */
    public void schedule() {
        loop.execute(drainTask);
    }

    /** Whoever begins to wait for what goes out lets it rest no longer. Needs the lock. */
    public void endPause() {
        if (rest.end()) {
            schedule();
        }
    }

    /** The broker sent something: whoever waited for it goes on, and what gathered goes out. Event loop only. */
    public void received() {
        if (rests) {
            rests = false;
            drainIf(rest::end);
        }
    }

    private void timeOver() {
        drainIf(rest::isOver);
    }

    private void drainIf(BooleanSupplier ended) {
        boolean drains;
        lock.lock();
        try {
            drains = ended.getAsBoolean();
        } finally {
            lock.unlock();
        }
        if (drains) {
            drain();
        }
    }

    /** Waits until no more than this is retained, or until the link or the time is gone. Needs the lock. */
    public boolean awaitRetained(long bytes, long nanos) throws InterruptedException {
        long left = nanos;
        endPause();
        while (segments.retainedBytes() > bytes && link != null) {
            if (left <= 0) {
                return false;
            }
            left = less.await(left, true);
        }
        return true;
    }

    /** Completes once nothing waits for the transport, or there is none. */
    public CompletableFuture<Void> whenDrained() {
        lock.lock();
        try {
            CompletableFuture<Void> future = new CompletableFuture<>();
            if (link == null || segments.allHanded()) {
                future.complete(null);
            } else {
                emptied = future;
                endPause();
            }
            return future;
        } finally {
            lock.unlock();
        }
    }

    /** Appends frames that are no confirmed message: never replayed. False where there is no link. */
    public boolean append(ByteBuf frames) {
        boolean wake;
        lock.lock();
        try {
            if (link == null) {
                return false;
            }
            int length = frames.readableBytes();
            control += length;
            if (control > MAX_CONTROL) {
                control = 0;
                loop.execute(() -> listener.failed(new IllegalStateException(
                        "the broker reads nothing: more than " + MAX_CONTROL + " bytes of answers wait for it")));
                return false;
            }
            segments.reserve(length).append(frames);
            wake = appended() || rest.end();
        } finally {
            lock.unlock();
            frames.release();
        }
        if (wake) {
            schedule();
        }
        return true;
    }

    /** A new link takes what is appended from now on. */
    public void open(FrameWriter link) {
        lock.lock();
        try {
            this.link = link;
            stalled = false;
            drainPending = false;
            stamped = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The link is lost: everything that waits leaves the log's order, control frames vanish with it. The segments stay
     * with the messages that live in them. Needs the lock.
     */
    public void linkLost() {
        link = null;
        blocked = null;
        control = 0;
        stalled = false;
        drainPending = false;
        less.wake();
        completeEmptied();
    }

    private void completeEmptied() {
        if (emptied != null) {
            emptied.complete(null);
            emptied = null;
        }
    }

    /** After {@link #linkLost}, once the messages' outcomes were read off {@link Segment#handed}. Needs the lock. */
    public void discardUnsent() {
        segments.discardWaiting();
    }

    /** Nothing is appended any more. */
    public void close() {
        lock.lock();
        try {
            segments.close();
        } finally {
            lock.unlock();
        }
    }

    /** The transport has room again. Event loop only. */
    public void writable() {
        boolean resume;
        lock.lock();
        try {
            resume = stalled;
            stalled = false;
        } finally {
            lock.unlock();
        }
        if (resume) {
            drain();
        }
    }

    private void drain() {
        try {
            FrameWriter to = collect();
            if (to == null) {
                return;
            }
            // Outside the lock: a write that fails at once tells users of it.
            ByteBuf frames;
            while ((frames = collected.poll()) != null) {
                to.write(frames);
            }
            to.flush();
            listener.drained();
            if (link == to && rests) {
                rest.limit();
            } else if (link == to) {
                schedule(); // what was received meanwhile gets its turn first
            }
        } catch (RuntimeException e) {
            listener.failed(e);
        }
    }

    /** Takes one turn's worth of what waits; null where that is nothing, there is no link, or it has no room. */
    private @Nullable FrameWriter collect() {
        lock.lock();
        try {
            FrameWriter to = link;
            if (to == null || stalled) {
                return null;
            }
            if (!to.isWritable()) {
                stalled = true;
                return null;
            }
            stamped = false;
            control = 0;
            long bytes = segments.handOver(TURN_BYTES, collected);
            watermark.handedOver();
            if (collected.isEmpty()) {
                rest.idle();
                drainPending = false;
                completeEmptied();
                return null;
            }
            rests = segments.allHanded() && rest.begin(bytes);
            return to;
        } finally {
            lock.unlock();
        }
    }
}
