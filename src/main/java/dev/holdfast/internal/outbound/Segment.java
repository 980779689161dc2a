package dev.holdfast.internal.outbound;

import dev.holdfast.internal.frame.MessageRecord;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * A stretch of the outbound log: frames in the order in which they go out, kept until all is handed to the transport and
 * no message in it can be needed again.
 *
 * <p>Guarded by the log's lock.
 */
public final class Segment {
    /**
     * Where frames are appended; its position is the length. A view of its own, because the buffer's reference count, which
     * every write to the buffer reads, is written by the I/O thread at every hand-over: on another core each such read is a
     * cache miss.
     */
    private final ByteBuffer out;

    private final ByteBuf buffer;

    /** What it counts for while it is kept; the buffer itself may belong to somebody else once it is released. */
    final int capacity;

    /** Bytes that were handed to the transport: a message that begins before this may have reached the broker. */
    int handed;

    /** Messages in it whose outcome is open. */
    int live;

    /** Nothing more is appended. */
    boolean sealed;

    private boolean released;

    Segment(ByteBuf buffer) {
        this.buffer = buffer;
        this.capacity = buffer.capacity();
        this.out = buffer.nioBuffer(0, capacity);
    }

    /** Where the next frames are written. */
    public ByteBuffer appendBuffer() {
        return out;
    }

    public int length() {
        return out.position();
    }

    public boolean hasRoom(long length) {
        return out.remaining() >= length;
    }

    boolean fullyHanded() {
        return handed == out.position();
    }

    /** Appends what there is room for. */
    void append(ByteBuf frames) {
        int limit = out.limit();
        out.limit(out.position() + frames.readableBytes());
        frames.readBytes(out);
        out.limit(limit);
    }

    /** What was not handed over yet, up to here, as a buffer of its own. */
    ByteBuf handOver() {
        int from = handed;
        handed = out.position();
        return buffer.retainedSlice(from, handed - from);
    }

    /** The message that stands at {@code offset}. */
    MessageRecord record(int offset, int length) {
        return new MessageRecord(buffer, offset, length);
    }

    /** Gives the memory away; what the transport still holds keeps its own reference. False: it has been. */
    boolean release(SegmentPool spares) {
        if (released) {
            return false;
        }
        released = true;
        out.limit(out.position()); // whoever still wrote into it would write into somebody else's
        spares.give(buffer);
        return true;
    }
}
