package dev.holdfast.internal.outbound;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The segments of the outbound log: a queue in the order in which they are sent, and detached segments, whose messages
 * must not be sent yet.
 *
 * <p>Guarded by the log's lock, except {@link #newSegment}.
 */
public final class SegmentLog {
    /**
     * Capacity of a segment, unless one message is larger. It is large enough that a system call carries hundreds of
     * messages, and small enough that a single message without an outcome retains little memory.
     */
    public static final int SEGMENT_BYTES = 64 * 1024;

    private final ByteBufAllocator allocator;

    /** Called after segments were released or transferred, and after the last message of a segment got its outcome. */
    private final Runnable freed;

    /** Segments that are not fully transferred, and at the end {@link #current}. */
    private final ArrayDeque<Segment> queue = new ArrayDeque<>();

    private final SegmentPool pool = new SegmentPool();
    private @Nullable Segment current;
    private boolean hasFullSegment;
    private long retainedBytes;
    private long queuedBytes;
    private long controlBytes;
    private long transferredBytes;

    SegmentLog(ByteBufAllocator allocator, Runnable freed) {
        this.allocator = allocator;
        this.freed = freed;
    }

    /** Capacity of all segments that are not released. */
    public long retainedBytes() {
        return retainedBytes;
    }

    /** Capacity of the segments that are not fully transferred, and of the one that is being filled. */
    long queuedBytes() {
        return queuedBytes;
    }

    /** Bytes of frames other than publishes in the segments that are not fully transferred. */
    long controlBytes() {
        return controlBytes;
    }

    /** Bytes transferred since the log was created. */
    public long transferredBytes() {
        return transferredBytes;
    }

    /** Whether no message in a segment lacks its outcome. */
    boolean holdsNoMessage() {
        if (retainedBytes != queuedBytes) {
            return false; // a segment out of the queue is retained only for its messages
        }
        for (Segment segment : queue) {
            if (segment.live > 0) {
                return false;
            }
        }
        return true;
    }

    /** By how many bytes {@link #retainedBytes} grows when {@code length} bytes are appended. */
    public long growth(long length) {
        Segment segment = current;
        return segment != null && segment.hasRoom(length) ? 0 : Math.max(length, SEGMENT_BYTES);
    }

    /**
     * Returns the segment to append the next {@code length} bytes to: the current one, or a new one if they do not
     * fit.
     */
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
            segment.sealed = true; // the caller is about to fill it
            hasFullSegment = true;
        } else {
            current = segment;
        }
        return segment;
    }

    /** Creates a detached segment, for messages that may not be sent yet. */
    public Segment allocate(int capacity) {
        Segment segment = takePooled(capacity);
        if (segment == null) {
            segment = newSegment(capacity);
        }
        retainedBytes += segment.capacity;
        return segment;
    }

    /** Returns a segment of pooled memory, not yet counted as retained; null if the pool has none of this length. */
    public @Nullable Segment takePooled(int length) {
        ByteBuf buffer = pool.take(length);
        return buffer == null ? null : new Segment(buffer);
    }

    /**
     * Returns a segment of new memory, not yet counted as retained. Any thread; allocate a large one outside the
     * lock.
     */
    public Segment newSegment(int length) {
        return new Segment(allocator.directBuffer(length, length));
    }

    /** Appends a large segment that its caller has filled. */
    public void append(Segment filled) {
        sealCurrent();
        filled.sealed = true;
        retainedBytes += filled.capacity;
        hasFullSegment = true;
        enqueue(filled);
    }

    /** Appends frames other than publishes. */
    void appendControl(ByteBuf frames) {
        int length = frames.readableBytes();
        Segment segment = reserve(length);
        segment.append(frames);
        segment.control += length;
        controlBytes += length;
    }

    private void enqueue(Segment segment) {
        queue.add(segment);
        queuedBytes += segment.capacity;
    }

    private void dequeued(Segment segment) {
        queuedBytes -= segment.capacity;
        controlBytes -= segment.control;
        releaseIfDone(segment);
    }

    /** Retains, detached, a large segment that its caller has filled and that may not be sent yet. */
    public void adopt(Segment filled) {
        filled.sealed = true;
        filled.transferred = filled.length();
        retainedBytes += filled.capacity;
    }

    private void sealCurrent() {
        Segment segment = current;
        current = null;
        if (segment != null) {
            segment.sealed = true;
            hasFullSegment = true;
            if (segment.isFullyTransferred()) {
                queue.remove(segment);
                dequeued(segment);
            }
        }
    }

    /** Whether a segment was filled since the last transfer. */
    boolean hasFullSegment() {
        return hasFullSegment;
    }

    /**
     * Transfers queued bytes until the queue is empty or {@code maxBytes} are reached or exceeded.
     *
     * @return the number of bytes
     */
    long transfer(long maxBytes, Queue<ByteBuf> target) {
        hasFullSegment = false;
        long bytes = 0;
        Segment segment;
        while ((segment = queue.peek()) != null && bytes < maxBytes) {
            if (!segment.isFullyTransferred()) {
                ByteBuf frames = segment.transfer();
                bytes += frames.readableBytes();
                target.add(frames);
            }
            if (!segment.sealed) {
                break;
            }
            queue.poll();
            dequeued(segment);
        }
        transferredBytes += bytes;
        return bytes;
    }

    /** Whether all bytes in the queue were transferred. */
    boolean isFullyTransferred() {
        Segment next = queue.peek();
        return next == null || next.isFullyTransferred();
    }

    /** Records that this number of messages in the segment got their outcome. */
    public void resolved(Segment segment, int messages) {
        segment.live -= messages;
        if (segment.live == 0) {
            releaseIfDone(segment);
        }
    }

    /** Seals a detached segment: it is released as soon as all its messages have an outcome. */
    public void seal(Segment segment) {
        segment.sealed = true;
        segment.transferred = segment.length();
        releaseIfDone(segment);
    }

    /** Detaches and seals all queued segments. */
    void discardUnsent() {
        current = null;
        queue.forEach(this::seal);
        queue.clear();
        queuedBytes = 0;
        controlBytes = 0;
        freed.run();
    }

    /** Returns the memory of a segment that was neither appended nor adopted. */
    public void recycle(Segment segment) {
        boolean unused = segment.release(pool);
    }

    /** Releases what an idle log does not need: spare segments, and the current one if it holds no message. */
    public void releaseIdle() {
        Segment segment = current;
        if (segment != null && segment.live == 0 && segment.isFullyTransferred()) {
            sealCurrent();
            hasFullSegment = false;
        }
        pool.clear();
    }

    /** Closes the pool. Segments that are still needed are released as their messages get an outcome. */
    void close() {
        pool.close();
    }

    private void releaseIfDone(Segment segment) {
        if (segment.live == 0 && segment.sealed && segment.isFullyTransferred() && segment.release(pool)) {
            retainedBytes -= segment.capacity;
        }
        freed.run();
    }
}
