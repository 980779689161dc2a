package dev.holdfast.internal.outbound;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the buffers of released segments for the next ones. The buffer that was used last is taken first: it is most
 * likely to be in a cache.
 *
 * <p>Chosen against Netty's pooled allocator: it frees a chunk when the last buffer of the chunk is released, and
 * clears 4 MiB of new memory for the next message.
 *
 * <p>Guarded by the log's lock.
 */
final class SegmentPool {
    /**
     * Most bytes kept: about what is in flight, mostly in socket buffers, for a publisher that {@link SendWatermark}
     * limits.
     */
    static final int MAX_BYTES = 4 << 20;

    private final ArrayDeque<ByteBuf> buffers = new ArrayDeque<>();
    private int bytes;
    private boolean closed;

    /** Takes an empty buffer of this capacity or up to an eighth more; null if there is none. */
    @Nullable
    ByteBuf take(int capacity) {
        for (Iterator<ByteBuf> newestFirst = buffers.descendingIterator(); newestFirst.hasNext(); ) {
            ByteBuf buffer = newestFirst.next();
            int excess = buffer.capacity() - capacity;
            if (excess >= 0 && excess <= capacity / 8) {
                newestFirst.remove();
                bytes -= buffer.capacity();
                return buffer.clear();
            }
        }
        return null;
    }

    /**
     * Takes over the caller's reference. A buffer with another reference, or a larger one than the pool, is released.
     */
    void recycle(ByteBuf buffer) {
        if (closed || buffer.refCnt() > 1 || buffer.capacity() > MAX_BYTES) {
            buffer.release();
            return;
        }
        buffers.addLast(buffer);
        bytes += buffer.capacity();
        while (bytes > MAX_BYTES) {
            releaseOldest();
        }
    }

    /** Releases all buffers, and from now on every buffer that is recycled. */
    void close() {
        closed = true;
        clear();
    }

    /** Releases all buffers. */
    void clear() {
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
