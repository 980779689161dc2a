package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Into what a connection reads. */
class ReusableRecvAllocatorTest {
    private static final int FIRST = 8 * 1024;

    private final ReusableRecvAllocator buffers = new ReusableRecvAllocator();
    private final DefaultMaxMessagesRecvByteBufAllocator.MaxMessageHandle reading = buffers.newHandle();

    @AfterEach
    void close() {
        buffers.close();
    }

    @Test
    void whatWasDecodedIsReadIntoAgain() {
        ByteBuf first = read(100);
        first.skipBytes(100);
        first.release();
        ByteBuf second = read(1);
        assertThat(second).isSameAs(first);
        assertThat(second.readableBytes()).isEqualTo(1);
        second.release();
    }

    @Test
    void whatSomebodyStillReadsIsNotWrittenOver() {
        ByteBuf kept = read(100);
        ByteBuf second = read(100);
        assertThat(second).isNotSameAs(kept);
        assertThat(kept.refCnt()).isEqualTo(1);
        kept.release();
        second.release();
    }

    @Test
    void whoeverFillsItGetsALargerOneUpToALimit() {
        int[] capacities = {FIRST, 4 * FIRST, 16 * FIRST, 32 * FIRST, 32 * FIRST};
        for (int capacity : capacities) {
            ByteBuf buffer = read(capacity);
            assertThat(buffer.capacity()).isEqualTo(capacity);
            buffer.release();
        }
    }

    @Test
    void oneThatIsNotFullStays() {
        ByteBuf first = read(FIRST - 1);
        first.release();
        ByteBuf second = read(1);
        assertThat(second.capacity()).isEqualTo(FIRST);
        second.release();
    }

    @Test
    void nothingIsHeldOnceTheConnectionIsClosed() {
        ByteBuf early = read(10);
        buffers.close();
        assertThat(early.refCnt()).as("of whoever reads it").isEqualTo(1);
        early.release();
        ByteBuf late = read(10);
        late.release();
        assertThat(late.refCnt()).isZero();
    }

    private ByteBuf read(int bytes) {
        ByteBuf buffer = reading.allocate(UnpooledByteBufAllocator.DEFAULT);
        buffer.writeZero(bytes);
        reading.lastBytesRead(bytes);
        return buffer;
    }
}
