package dev.holdfast.internal.outbound;

import dev.holdfast.internal.frame.MessageRecord;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * A buffer of the outbound log. It holds frames in the order in which they are sent, until all of them are
 * transferred and every message in it has an outcome.
 *
 * <p>Guarded by the log's lock.
 */
public final class Segment {
    /**
     * The position is the length of the segment. A separate view, because every write through the ByteBuf reads its
     * reference count, which the I/O thread writes at every transfer: on another core each such read is a cache miss.
     */
    private final ByteBuffer appendBuffer;

    private final ByteBuf buffer;

    /** The size that retained bytes count; after the release the buffer may belong to another segment. */
    final int capacity;

    /** Bytes transferred. A message that begins before this offset may have reached the broker. */
    int transferred;

    /** Messages in this segment without an outcome. */
    int live;

    /** Bytes of frames other than publishes. */
    int control;

    /** Nothing more is appended. */
    boolean sealed;

    private boolean released;

    Segment(ByteBuf buffer) {
        this.buffer = buffer;
        this.capacity = buffer.capacity();
        this.appendBuffer = buffer.nioBuffer(0, capacity);
    }

    /** Where the next frames are written. */
    public ByteBuffer appendBuffer() {
        return appendBuffer;
    }

    public int length() {
        return appendBuffer.position();
    }

    public boolean hasRoom(long length) {
        return appendBuffer.remaining() >= length;
    }

    boolean isFullyTransferred() {
        return transferred == appendBuffer.position();
    }

    /** Appends these frames, for which there must be room. */
    void append(ByteBuf frames) {
        int limit = appendBuffer.limit();
        appendBuffer.limit(appendBuffer.position() + frames.readableBytes());
        frames.readBytes(appendBuffer);
        appendBuffer.limit(limit);
    }

    /** Returns the bytes that are not transferred yet as a retained slice, and marks them as transferred. */
    ByteBuf transfer() {
        int end = appendBuffer.position();
        ByteBuf frames = buffer.retainedSlice(transferred, end - transferred);
        transferred = end;
        return frames;
    }

    /** The message that begins at {@code offset}. */
    MessageRecord record(int offset, int length) {
        return new MessageRecord(buffer, offset, length);
    }

    /**
     * Gives the buffer to the pool; slices that the transport still writes keep their own reference.
     *
     * @return false if it was released before
     */
    boolean release(SegmentPool pool) {
        if (released) {
            return false;
        }
        released = true;
        appendBuffer.limit(appendBuffer.position()); // a late write fails instead of corrupting another segment
        pool.recycle(buffer);
        return true;
    }
}
