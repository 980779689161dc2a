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
 * The send path of a connection: one log of all bytes, in the order in which they are sent. Publishers and callers
 * append under one lock; the event loop transfers what has accumulated, with one gathering write per turn.
 *
 * <pre>
 *   append ─┐ lock        ┌─── transferred ──┐┌────── queued ─────┐┌─ current (filling)
 *   append ─┼────────────►│██████████████████││███████            ││████
 *   append ─┘             └────────┬─────────┘└───────────────────┘└─────────────────
 *                       kept while a message in it is live        ▲ drain: one task, pending at most once
 * </pre>
 *
 * Thread-safe; methods that say so need the lock.
 */
public final class OutboundLog {
    /**
     * Limit on queued frames other than publishes, which the window bounds. It holds three million acks, more than a
     * consumer has to send while an alarm keeps the broker from reading.
     */
    private static final long MAX_CONTROL_BYTES = 64 << 20;

    /** Most bytes that one turn of the drain transfers, unless a single message is larger. */
    private static final long DRAIN_BYTES = 512 * 1024;

    private final ReentrantLock lock = new SpinThenParkLock();
    private final WaitQueue waitingPublishers = new WaitQueue(lock.newCondition());
    private final SegmentLog segments;
    private final UnconfirmedBytes bytes;
    private final Counters counters = new Counters();
    private final ConnectionEvents events;
    private final SendWatermark watermark;

    /** Callers of publishes without a confirm that wait until bytes are sent. */
    private final WaitQueue callersWithoutConfirm = new WaitQueue(lock.newCondition());

    private final EventLoop loop;
    private final ByteBufAllocator allocator;
    private final Ticker clock;
    private final DrainListener listener;
    private final Runnable drainTask = this::drain;
    private final WriteCoalescer coalescer;
    private final BrokerSilence silence;

    /** The buffers that this turn of the drain writes. Event loop only. */
    private final ArrayDeque<ByteBuf> collected = new ArrayDeque<>();

    /** The last turn of the drain began a pause. Event loop only. */
    private boolean pausedAfterDrain;

    private @Nullable FrameWriter link;

    /** A drain is scheduled or running, stalled, or paused by the coalescer. */
    private boolean drainPending;

    /** The transport is not writable; {@link #writable} resumes the drain. */
    private boolean stalled;

    private long timestamp;

    /**
     * The timestamp was taken since the last transfer. A drain may be pending without one: not every append takes it.
     */
    private boolean timestampValid;

    /** The limit of control frames was exceeded on this link. */
    private boolean overflowed;

    private @Nullable CompletableFuture<Void> whenDrained;

    /** Receives the results of drains, on the event loop. */
    public interface DrainListener {
        /** The transport takes no more bytes for now: the broker may not read because its own writes block. */
        default void stalled() {}

        /** Bytes were written to the transport. */
        void drained();

        /** Writing or a guarded task failed, or too many control frames are queued: the link is unusable. */
        void failed(Throwable cause);
    }

    public OutboundLog(EventLoop loop, ByteBufAllocator allocator, DrainListener listener, ConnectionEvents events) {
        this(loop, allocator, listener, events, WriteCoalescer.THRESHOLD_BYTES);
    }

    /** @param thresholdBytes a drain of this many bytes is followed by a pause */
    public OutboundLog(
            EventLoop loop,
            ByteBufAllocator allocator,
            DrainListener listener,
            ConnectionEvents events,
            int thresholdBytes) {
        this.events = events;
        this.loop = loop;
        this.allocator = allocator;
        this.clock = loop.ticker();
        this.silence = new BrokerSilence(clock, lock);
        this.segments = new SegmentLog(allocator, this::bytesFreed);
        this.bytes = new UnconfirmedBytes(segments, lock, clock, callersWithoutConfirm);
        this.watermark =
                new SendWatermark(segments, new WaitQueue(lock.newCondition()), clock, SendWatermark.MAX_WAIT_NANOS);
        this.coalescer = new WriteCoalescer(loop, thresholdBytes, this::coalescerTimer);
        this.listener = listener;
    }

    /** Takes the lock that guards the log, its counters and everything that its publishers share. */
    public void lock() {
        lock.lock();
    }

    public void unlock() {
        lock.unlock();
    }

    /** The publishers that wait for a place in their window, or until they are not blocked. Needs the lock. */
    public WaitQueue waitingPublishers() {
        return waitingPublishers;
    }

    /** The bytes that the messages of all channels need, and the publishers that wait for bytes. Needs the lock. */
    public UnconfirmedBytes bytes() {
        return bytes;
    }

    /** Whether publishers wait for room, in a window or in the log. Needs the lock. */
    public boolean isFull() {
        return !waitingPublishers.isEmpty() || bytes.hasWaiters();
    }

    private void bytesFreed() {
        bytes.freed();
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

    /** Where the publishers report events of the connection. Any thread. */
    public ConnectionEvents events() {
        return events;
    }

    /** The counters, completed by those that the log does not keep. Any thread. */
    public ConnectionStatistics statistics(long connects, Duration blockedTime, long droppedDeliveries) {
        lock.lock();
        try {
            return counters.statistics(connects, blockedTime, droppedDeliveries);
        } finally {
            lock.unlock();
        }
    }

    /** The link that bytes are written to, null while there is none. Needs the lock. */
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

    /** The time of the event loop's ticker, which a test may replace. Any thread. */
    public long nanoTime() {
        return clock.nanoTime();
    }

    /**
     * A time at most one turn of the drain old. The clock is read once for all appends between two transfers, because
     * reading it for every message would cost more than the rest of an append. Needs the lock.
     */
    public long now() {
        if (!timestampValid || !drainPending || stalled) {
            timestamp = clock.nanoTime();
            timestampValid = true;
        }
        return timestamp;
    }

    /** Whether bytes are queued that the transport does not take. Event loop only. */
    public boolean isStalled() {
        return stalled;
    }

    /** Tells whether the silence of the broker counts. */
    public BrokerSilence silence() {
        return silence;
    }

    /**
     * Records that bytes were appended. Needs the lock.
     *
     * @return whether the caller must call {@link #schedule} after it released the lock
     */
    public boolean appended() {
        if (link == null) {
            return false;
        }
        if (drainPending) {
            return segments.hasFullSegment() && coalescer.endPause();
        }
        drainPending = true;
        return true;
    }

    /**
     * Schedules the drain that {@link #appended} asked for. The hot path calls it without the lock, because waking
     * the event loop is a system call. If the event loop cannot take the task, for lack of memory, the next append
     * tries again.
     */
    public void schedule() {
        try {
            loop.execute(drainTask);
        } catch (RuntimeException | Error e) {
            lock.lock();
            try {
                drainPending = false;
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Wraps a task of the event loop. If it throws, the link ends, and everything that depends on it is recovered or
     * fails.
     */
    public Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                listener.failed(e);
            }
        };
    }

    /** Ends a pause of the coalescer, for a caller that begins to wait for queued bytes to be sent. Needs the lock. */
    public void endPause() {
        if (coalescer.endPause()) {
            schedule();
        }
    }

    /** Drains what accumulated during a pause: data from the broker lets callers continue. Event loop only. */
    public void received() {
        if (pausedAfterDrain) {
            pausedAfterDrain = false;
            drainIf(coalescer::endPause);
        }
    }

    private void coalescerTimer() {
        drainIf(coalescer::endPauseIfOver);
    }

    private void drainIf(BooleanSupplier pauseEnded) {
        boolean drains;
        lock.lock();
        try {
            drains = pauseEnded.getAsBoolean();
        } finally {
            lock.unlock();
        }
        if (drains) {
            drain();
        }
    }

    /**
     * Waits until bytes of a publish without a confirm may be appended, or the link is lost. Needs the lock.
     *
     * @return false if {@code nanos} passed before
     */
    public boolean awaitWithoutConfirm(long nanos) throws InterruptedException {
        long remaining = nanos;
        endPause();
        while (!bytes.admitsWithoutConfirm() && link != null) {
            if (remaining <= 0) {
                return false;
            }
            remaining = callersWithoutConfirm.await(remaining);
        }
        return true;
    }

    /** Completes when all bytes are transferred, or without a link at once. */
    public CompletableFuture<Void> whenDrained() {
        lock.lock();
        try {
            CompletableFuture<Void> future = new CompletableFuture<>();
            if (link == null || segments.isFullyTransferred()) {
                future.complete(null);
            } else {
                whenDrained = future;
                endPause();
            }
            return future;
        } finally {
            lock.unlock();
        }
    }

    /** Allocates a buffer for {@link #append}. Any thread. */
    public ByteBuf newFrame(int initialCapacity) {
        return allocator.heapBuffer(initialCapacity);
    }

    /**
     * Appends frames other than confirmed publishes; they are never retransmitted. Releases the buffer.
     *
     * @return false if there is no link or the limit of control frames is exceeded; then nothing is appended
     */
    public boolean append(ByteBuf frames) {
        boolean wake;
        lock.lock();
        try {
            if (link == null) {
                return false;
            }
            int length = frames.readableBytes();
            if (overflowed || segments.controlBytes() + length > MAX_CONTROL_BYTES) {
                overflow();
                return false;
            }
            segments.appendControl(frames);
            wake = appended() || coalescer.endPause();
        } finally {
            lock.unlock();
            frames.release();
        }
        if (wake) {
            schedule();
        }
        return true;
    }

    private void overflow() {
        if (!overflowed) {
            overflowed = true;
            loop.execute(() -> listener.failed(new IllegalStateException("the broker does not read: more than "
                    + MAX_CONTROL_BYTES + " bytes of replies and acks are queued")));
        }
    }

    /** Sets the link that receives what is appended from now on. */
    public void open(FrameWriter link) {
        lock.lock();
        try {
            this.link = link;
            stalled = false;
            drainPending = false;
            timestampValid = false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the use of the link. Queued bytes stay until {@link #discardUnsent}. Needs the lock. */
    public void linkLost() {
        link = null;
        silence.block(null);
        overflowed = false;
        stalled = false;
        drainPending = false;
        callersWithoutConfirm.wake();
        completeWhenDrained();
    }

    private void completeWhenDrained() {
        if (whenDrained != null) {
            whenDrained.complete(null);
            whenDrained = null;
        }
    }

    /**
     * Removes all bytes that are not transferred, control frames among them. Segments with live messages stay,
     * detached. Call it after {@link #linkLost}, once the state of each message was derived from
     * {@link Segment#transferred}. Needs the lock.
     */
    public void discardUnsent() {
        segments.discardUnsent();
    }

    /** Releases pooled memory. Nothing may be appended afterwards. */
    public void close() {
        lock.lock();
        try {
            segments.close();
        } finally {
            lock.unlock();
        }
    }

    /** The transport is writable again. Event loop only. */
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
            FrameWriter target = collect();
            if (target == null) {
                if (stalled) {
                    listener.stalled();
                }
                return;
            }
            // Outside the lock: a write that fails immediately runs user callbacks.
            ByteBuf frames;
            while ((frames = collected.poll()) != null) {
                target.write(frames);
            }
            target.flush();
            listener.drained();
            if (link == target && pausedAfterDrain) {
                coalescer.startTimer();
            } else if (link == target) {
                loop.execute(drainTask); // not a loop: data received meanwhile is processed first
            }
        } catch (RuntimeException | Error e) {
            collected.forEach(ByteBuf::release); // they must not get into the next link
            collected.clear();
            listener.failed(e);
        }
    }

    /** Collects the bytes of one turn; null if there are none, there is no link, or it is not writable. */
    private @Nullable FrameWriter collect() {
        lock.lock();
        try {
            FrameWriter target = link;
            if (target == null || stalled) {
                return null;
            }
            if (!target.isWritable()) {
                stalled = true;
                return null;
            }
            timestampValid = false;
            long bytes = segments.transfer(DRAIN_BYTES, collected);
            watermark.transferred();
            if (collected.isEmpty()) {
                coalescer.foundNothing();
                drainPending = false;
                completeWhenDrained();
                return null;
            }
            pausedAfterDrain = segments.isFullyTransferred() && coalescer.beginPause(bytes);
            return target;
        } finally {
            lock.unlock();
        }
    }
}
