package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReusableRecvAllocatorTest {
    private static final int INITIAL_SIZE = 8 * 1024;

    private final ReusableRecvAllocator allocator = new ReusableRecvAllocator();
    private final DefaultMaxMessagesRecvByteBufAllocator.MaxMessageHandle handle = allocator.newHandle();

    @AfterEach
    void close() {
        allocator.close();
    }

    @Test
    void releasedBufferIsReused() {
        ByteBuf first = read(100);
        first.skipBytes(100);
        first.release();
        ByteBuf second = read(1);
        assertThat(second).isSameAs(first);
        assertThat(second.readableBytes()).isEqualTo(1);
        second.release();
    }

    @Test
    void retainedBufferIsNotReused() {
        ByteBuf kept = read(100);
        ByteBuf second = read(100);
        assertThat(second).isNotSameAs(kept);
        assertThat(kept.refCnt()).isEqualTo(1);
        kept.release();
        second.release();
    }

    @Test
    void filledBufferIsReplacedByALargerOneUpToALimit() {
        int[] capacities = {INITIAL_SIZE, 4 * INITIAL_SIZE, 16 * INITIAL_SIZE, 32 * INITIAL_SIZE, 32 * INITIAL_SIZE};
        for (int capacity : capacities) {
            ByteBuf buffer = read(capacity);
            assertThat(buffer.capacity()).isEqualTo(capacity);
            buffer.release();
        }
    }

    @Test
    void partlyFilledBufferKeepsItsSize() {
        ByteBuf first = read(INITIAL_SIZE - 1);
        first.release();
        ByteBuf second = read(1);
        assertThat(second.capacity()).isEqualTo(INITIAL_SIZE);
        second.release();
    }

    @Test
    void anIdleConnectionKeepsNoBuffer() {
        ByteBuf large = read(INITIAL_SIZE);
        large.release();
        assertThat(large.refCnt()).as("kept for the next read").isEqualTo(1);
        allocator.shrink();
        assertThat(large.refCnt()).isZero();

        ByteBuf heartbeat = read(8);
        assertThat(heartbeat.capacity()).isEqualTo(INITIAL_SIZE);
        heartbeat.release();
        assertThat(heartbeat.refCnt()).isZero();

        read(1000).release();
        ByteBuf busy = read(1000);
        busy.release();
        assertThat(busy.refCnt()).as("kept again").isEqualTo(1);
    }

    @Test
    void closeReleasesTheBuffer() {
        ByteBuf early = read(10);
        allocator.close();
        assertThat(early.refCnt()).as("reference of the reader").isEqualTo(1);
        early.release();
        ByteBuf late = read(10);
        late.release();
        assertThat(late.refCnt()).isZero();
    }

    private ByteBuf read(int bytes) {
        ByteBuf buffer = handle.allocate(UnpooledByteBufAllocator.DEFAULT);
        buffer.writeZero(bytes);
        handle.lastBytesRead(bytes);
        return buffer;
    }
}
