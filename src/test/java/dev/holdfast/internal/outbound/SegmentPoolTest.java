package dev.holdfast.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests which buffers are pooled, and which are released. */
class SegmentPoolTest {
    private static final int SIZE = 64 * 1024;

    private final SegmentPool pool = new SegmentPool();

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void takesTheNewestBufferFirst() {
        ByteBuf first = buffer(SIZE);
        ByteBuf second = buffer(SIZE).writeByte(1);
        pool.recycle(first);
        pool.recycle(second);
        assertThat(pool.take(SIZE)).isSameAs(second);
        assertThat(second.isReadable()).isFalse();
        assertThat(pool.take(SIZE)).isSameAs(first);
        assertThat(pool.take(SIZE)).isNull();
        first.release();
        second.release();
    }

    @Test
    void takesABufferOfUpToAnEighthMore() {
        ByteBuf large = buffer(9 * SIZE);
        pool.recycle(large);
        assertThat(pool.take(9 * SIZE + 1)).isNull();
        assertThat(pool.take(SIZE)).isNull();
        assertThat(pool.take(8 * SIZE - 1)).isNull();
        assertThat(pool.take(8 * SIZE)).isSameAs(large);
        large.release();
    }

    @Test
    void aBufferWithAnotherReferenceIsNotPooled() {
        ByteBuf buffer = buffer(SIZE);
        ByteBuf frames = buffer.retainedSlice(0, 10);
        pool.recycle(buffer);
        assertThat(pool.take(SIZE)).isNull();
        assertThat(frames.refCnt()).isEqualTo(1);
        frames.release();
        assertThat(buffer.refCnt()).isZero();
    }

    @Test
    void theOldestBufferIsReleasedAtTheLimit() {
        ByteBuf first = buffer(SIZE);
        pool.recycle(first);
        ByteBuf large = buffer(SegmentPool.MAX_BYTES);
        pool.recycle(large);
        assertThat(first.refCnt()).isZero();
        ByteBuf tooLarge = buffer(SegmentPool.MAX_BYTES + 1);
        pool.recycle(tooLarge);
        assertThat(tooLarge.refCnt()).isZero();
        assertThat(pool.take(SegmentPool.MAX_BYTES)).isSameAs(large);
        pool.recycle(large);
        ByteBuf last = buffer(SIZE);
        pool.recycle(last);
        assertThat(large.refCnt()).isZero();
        assertThat(last.refCnt()).isEqualTo(1);
    }

    @Test
    void closeReleasesAllBuffers() {
        ByteBuf early = buffer(SIZE);
        ByteBuf late = buffer(SIZE);
        pool.recycle(early);
        pool.close();
        pool.recycle(late);
        assertThat(early.refCnt()).isZero();
        assertThat(late.refCnt()).isZero();
        assertThat(pool.take(SIZE)).isNull();
    }

    private static ByteBuf buffer(int capacity) {
        return Unpooled.buffer(capacity, capacity);
    }
}
