package dev.holdfast.internal.outbound;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Memory of segments that are done, for the next ones: what was used last is likely to be in a cache.
 *
 * <p>Netty's pool, given back the last buffer of a chunk, frees the chunk, and clears four MiB of new memory for the message
 * that comes next: with bodies of 16 KiB that was a fifth of the client's CPU.
 *
 * <p>Guarded by the log's lock.
 */
final class SegmentPool {
    /** About what a publisher that keeps its transport's {@link SendWatermark} has on the way, most of it in the sockets. */
    static final int MOST = 4 << 20;

    private final ArrayDeque<ByteBuf> buffers = new ArrayDeque<>();
    private int bytes;
    private boolean closed;

    /** One for so many bytes and not many more; null: there is none. */
    @Nullable
    ByteBuf take(int capacity) {
        for (Iterator<ByteBuf> each = buffers.descendingIterator(); each.hasNext(); ) {
            ByteBuf buffer = each.next();
            int rest = buffer.capacity() - capacity;
            if (rest >= 0 && rest <= capacity / 8) {
                each.remove();
                bytes -= buffer.capacity();
                return buffer.clear();
            }
        }
        return null;
    }

    /** Takes over the caller's reference. What somebody else holds as well is not kept. */
    void give(ByteBuf buffer) {
        if (closed || buffer.refCnt() > 1 || buffer.capacity() > MOST) {
            buffer.release();
            return;
        }
        buffers.addLast(buffer);
        bytes += buffer.capacity();
        while (bytes > MOST) {
            releaseOldest();
        }
    }

    /** Keeps nothing any more. */
    void close() {
        closed = true;
        while (!buffers.isEmpty()) {
            releaseOldest();
        }
    }

    private void releaseOldest() {
        ByteBuf oldest = buffers.removeFirst();
        bytes -= oldest.capacity();
        oldest.release();
    }
}
