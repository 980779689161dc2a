package dev.holdfast.internal.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Allocates the receive buffer of one connection: the same buffer for each read once it is released, and a larger one
 * after a read that filled it. An idle connection keeps none: {@link #shrink} releases it, and until a larger read than
 * that of a heartbeat each read has a buffer of its own.
 *
 * <p>Reading then needs no pool and allocates nothing. If TLS retains the buffer because of a partial record, the next
 * read gets a new one. Event loop only.
 */
final class ReusableRecvAllocator extends DefaultMaxMessagesRecvByteBufAllocator {
    /** Enough for RPC replies; a connection that receives nothing larger keeps this size. */
    private static final int INITIAL_SIZE = 8 * 1024;

    /** Larger sizes were not measured. */
    private static final int MAX_SIZE = 256 * 1024;

    /**
     * Without leak detector: it would record every read into a sampled buffer, for the whole life of the connection.
     */
    private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

    /** A read of heartbeats. */
    private static final int MAX_IDLE_READ = 64;

    private int size = INITIAL_SIZE;
    private boolean keeps = true;
    private boolean closed;
    private @Nullable ByteBuf buffer;

    @Override
    public MaxMessageHandle newHandle() {
        return new Handle();
    }

    /** The connection was closed: the memory is freed when the last reader releases it. */
    void close() {
        closed = true;
        releaseBuffer();
    }

    /** Releases the memory that an idle connection does not need. */
    void shrink() {
        keeps = false;
        size = INITIAL_SIZE;
        releaseBuffer();
    }

    private void releaseBuffer() {
        ByteBuf current = buffer;
        buffer = null;
        if (current != null) {
            current.release();
        }
    }

    private ByteBuf next() {
        ByteBuf current = buffer;
        if (current != null && current.refCnt() == 1 && current.capacity() == size) {
            return current.clear().retain();
        }
        releaseBuffer();
        ByteBuf fresh = ALLOCATOR.directBuffer(size, size);
        if (keeps && !closed) {
            buffer = fresh.retain();
        }
        return fresh;
    }

    private final class Handle extends MaxMessageHandle {
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
            keeps |= bytes > MAX_IDLE_READ;
            if (bytes == size && size < MAX_SIZE) {
                size = Math.min(4 * size, MAX_SIZE);
            }
            super.lastBytesRead(bytes);
        }
    }
}
