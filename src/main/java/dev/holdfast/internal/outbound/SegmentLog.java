package dev.holdfast.internal.outbound;

import dev.holdfast.internal.concurrent.WaitQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The memory of the outbound log: its segments in the order in which they go out, and those outside that order, which
 * messages live in that may not go out yet.
 *
 * <p>Guarded by the log's lock, but for {@link #newSegment}.
 */
public final class SegmentLog {
    /** Large enough that a system call carries hundreds of messages, small enough that little is held by a message that waits alone. */
    public static final int SEGMENT_BYTES = 64 * 1024;

    /** Retained, with a spare that is larger, even where nothing is needed: the segment that is being filled. */
    public static final int MIN_RETAINED_BYTES = 2 * SEGMENT_BYTES;

    private final ByteBufAllocator allocator;

    /** Whoever waits until less is retained. */
    private final WaitQueue less;

    /** What is not handed over yet, and at its end the one that is being filled. */
    private final ArrayDeque<Segment> waiting = new ArrayDeque<>();

    private final SegmentPool spares = new SegmentPool();
    private @Nullable Segment current;
    private boolean full;
    private long retainedBytes;
    private long queuedBytes;
    private long handedBytes;

    SegmentLog(ByteBufAllocator allocator, WaitQueue less) {
        this.allocator = allocator;
        this.less = less;
    }

    /** Capacity of all segments that are still needed. */
    public long retainedBytes() {
        return retainedBytes;
    }

    /** Capacity of the segments that are not wholly handed over, and of the one that is being filled. */
    long queuedBytes() {
        return queuedBytes;
    }

    /** What was handed over since the beginning. */
    long handedBytes() {
        return handedBytes;
    }

    /** By how much the next {@code length} bytes make the log grow. */
    public long growth(long length) {
        Segment segment = current;
        return segment != null && segment.hasRoom(length) ? 0 : Math.max(length, SEGMENT_BYTES);
    }

    /** The segment that takes the next {@code length} bytes. */
    public Segment reserve(int length) {
        Segment segment = current;
        if (segment != null && segment.hasRoom(length)) {
            return segment;
        }
        return newCurrent(length);
    }

    private Segment newCurrent(int length) {
        sealCurrent();
        Segment segment = allocate(Math.max(length, SEGMENT_BYTES));
        enqueue(segment);
        if (length > SEGMENT_BYTES) {
            segment.sealed = true; // full with what its caller is about to write
            full = true;
        } else {
            current = segment;
        }
        return segment;
    }

    /** A segment outside the log's order, for messages that may not go out yet. */
    public Segment allocate(int capacity) {
        Segment segment = takePooled(capacity);
        if (segment == null) {
            segment = newSegment(capacity);
        }
        retainedBytes += segment.capacity;
        return segment;
    }

    /** Memory that was used before for a segment, not counted yet; null where there is none for this length. */
    public @Nullable Segment takePooled(int length) {
        ByteBuf buffer = spares.take(length);
        return buffer == null ? null : new Segment(buffer);
    }

    /** New memory for a segment, not counted yet. Any thread; a large one is better made outside the lock. */
    public Segment newSegment(int length) {
        return new Segment(allocator.directBuffer(length, length));
    }

    /** Links a large segment in that was filled. */
    public void append(Segment filled) {
        sealCurrent();
        filled.sealed = true;
        retainedBytes += filled.capacity;
        full = true;
        enqueue(filled);
    }

    private void enqueue(Segment segment) {
        waiting.add(segment);
        queuedBytes += segment.capacity;
    }

    /** Keeps a large segment that was filled and may not go out yet. */
    public void adopt(Segment filled) {
        filled.sealed = true;
        filled.handed = filled.length();
        retainedBytes += filled.capacity;
    }

    private void sealCurrent() {
        Segment segment = current;
        current = null;
        if (segment != null) {
            segment.sealed = true;
            full = true;
            if (segment.fullyHanded()) {
                waiting.remove(segment);
                queuedBytes -= segment.capacity;
                releaseIfDone(segment);
            }
        }
    }

    /** Whether a segment was filled since the last hand-over. */
    boolean hasFull() {
        return full;
    }

    /** Hands over what waits, until it is this many bytes or more. Returns how many they were. */
    long handOver(long most, Queue<ByteBuf> to) {
        full = false;
        long bytes = 0;
        Segment segment;
        while ((segment = waiting.peek()) != null && bytes < most) {
            if (!segment.fullyHanded()) {
                ByteBuf frames = segment.handOver();
                bytes += frames.readableBytes();
                to.add(frames);
            }
            if (!segment.sealed) {
                break;
            }
            waiting.poll();
            queuedBytes -= segment.capacity;
            releaseIfDone(segment);
        }
        handedBytes += bytes;
        return bytes;
    }

    /** Whether everything was handed over. */
    boolean allHanded() {
        Segment next = waiting.peek();
        return next == null || next.fullyHanded();
    }

    /** So many messages of a segment have their outcome. */
    public void resolved(Segment segment, int messages) {
        segment.live -= messages;
        releaseIfDone(segment);
    }

    /** A segment that never was, or no longer is, in the log's order goes. */
    public void seal(Segment segment) {
        segment.sealed = true;
        segment.handed = segment.length();
        releaseIfDone(segment);
    }

    /** Everything that waits leaves the log's order, and stays only with the messages that live in it. */
    void discardWaiting() {
        current = null;
        waiting.forEach(this::seal);
        waiting.clear();
        queuedBytes = 0;
    }

    /** A segment that was never linked in. */
    public void recycle(Segment segment) {
        boolean unused = segment.release(spares);
    }

    /** Nothing is appended any more; segments that are still needed go when their messages do. */
    void close() {
        spares.close();
    }

    private void releaseIfDone(Segment segment) {
        if (segment.live == 0 && segment.sealed && segment.fullyHanded() && segment.release(spares)) {
            retainedBytes -= segment.capacity;
            if (!less.isEmpty()) {
                less.wake();
            }
        }
    }
}
