package dev.holdfast.internal.session;

import io.netty.buffer.ByteBuf;

/**
 * A stretch of the outbound log: frames in the order in which they go out, kept until all is handed to the transport and
 * no message in it can be needed again.
 *
 * <p>Guarded by the log's lock.
 */
final class Segment {
    final ByteBuf buffer;

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
    }

    int length() {
        return buffer.writerIndex();
    }

    boolean fullyHanded() {
        return handed == buffer.writerIndex();
    }

    /** Gives the memory back; what the transport still holds keeps its own reference. */
    boolean release() {
        if (released) {
            return false;
        }
        released = true;
        buffer.release();
        return true;
    }
}
