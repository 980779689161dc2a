package dev.holdfast.internal.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What one connection receives into: the same buffer again, once what was read is decoded, and a larger one after a
 * read that filled it.
 *
 * <p>Reading needs no pool then, and allocates nothing; but TLS may keep what it has half of, and the next read gets
 * another. Event loop only.
 */
final class ReusableRecvAllocator extends DefaultMaxMessagesRecvByteBufAllocator {
    /** Enough for the answers to calls; a connection that receives no more holds no more. */
    private static final int FIRST = 8 * 1024;

    /** As the largest buffer was before; whether a larger one would help was not measured. */
    private static final int MOST = 256 * 1024;

    /**
     * No leak detector: it would look at every read of the few buffers that it chose, for as long as a connection
     * lives.
     */
    private static final ByteBufAllocator MEMORY = new UnpooledByteBufAllocator(true, true);

    private int size = FIRST;
    private boolean closed;
    private @Nullable ByteBuf buffer;

    @Override
    public MaxMessageHandle newHandle() {
        return new Reading();
    }

    /** The connection is closed: the memory goes once nobody reads it any more. */
    void close() {
        closed = true;
        drop();
    }

    private void drop() {
        ByteBuf last = buffer;
        buffer = null;
        if (last != null) {
            last.release();
        }
    }

    private ByteBuf next() {
        ByteBuf last = buffer;
        if (last != null && last.refCnt() == 1 && last.capacity() == size) {
            return last.clear().retain();
        }
        drop();
        ByteBuf fresh = MEMORY.directBuffer(size, size);
        if (!closed) {
            buffer = fresh.retain();
        }
        return fresh;
    }

    private final class Reading extends MaxMessageHandle {
        @Override
        public int guess() {
            return size;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator unused) {
            return next();
        }

        @Override
        public void lastBytesRead(int bytes) {
            if (bytes == size && size < MOST) {
                size = Math.min(4 * size, MOST);
            }
            super.lastBytesRead(bytes);
        }
    }
}
