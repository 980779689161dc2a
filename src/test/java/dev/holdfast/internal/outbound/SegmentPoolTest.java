package dev.holdfast.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which memory is used again, and which is given back. */
class SegmentPoolTest {
    private static final int SIZE = 64 * 1024;

    private final SegmentPool spares = new SegmentPool();

    @AfterEach
    void close() {
        spares.close();
    }

    @Test
    void whatCameLastIsUsedFirst() {
        ByteBuf first = buffer(SIZE);
        ByteBuf second = buffer(SIZE).writeByte(1);
        spares.give(first);
        spares.give(second);
        assertThat(spares.take(SIZE)).isSameAs(second);
        assertThat(second.isReadable()).isFalse();
        assertThat(spares.take(SIZE)).isSameAs(first);
        assertThat(spares.take(SIZE)).isNull();
        first.release();
        second.release();
    }

    /** A message that is not much shorter may have it; a large piece does not go to a short one. */
    @Test
    void theLengthDecides() {
        ByteBuf large = buffer(9 * SIZE);
        spares.give(large);
        assertThat(spares.take(9 * SIZE + 1)).isNull();
        assertThat(spares.take(SIZE)).isNull();
        assertThat(spares.take(8 * SIZE - 1)).isNull();
        assertThat(spares.take(8 * SIZE)).isSameAs(large);
        large.release();
    }

    @Test
    void whatTheTransportStillHoldsIsNotWrittenOver() {
        ByteBuf held = buffer(SIZE);
        ByteBuf frames = held.retainedSlice(0, 10);
        spares.give(held);
        assertThat(spares.take(SIZE)).isNull();
        assertThat(frames.refCnt()).isEqualTo(1);
        frames.release();
        assertThat(held.refCnt()).isZero();
    }

    @Test
    void theOldestGoesWhereItWouldBecomeTooMuch() {
        ByteBuf first = buffer(SIZE);
        spares.give(first);
        ByteBuf large = buffer(SegmentPool.MOST);
        spares.give(large);
        assertThat(first.refCnt()).isZero();
        ByteBuf tooLarge = buffer(SegmentPool.MOST + 1);
        spares.give(tooLarge);
        assertThat(tooLarge.refCnt()).isZero();
        assertThat(spares.take(SegmentPool.MOST)).isSameAs(large);
        spares.give(large);
        ByteBuf last = buffer(SIZE);
        spares.give(last);
        assertThat(large.refCnt()).isZero();
        assertThat(last.refCnt()).isEqualTo(1);
    }

    @Test
    void nothingIsKeptOnceItIsClosed() {
        ByteBuf early = buffer(SIZE);
        ByteBuf late = buffer(SIZE);
        spares.give(early);
        spares.close();
        spares.give(late);
        assertThat(early.refCnt()).isZero();
        assertThat(late.refCnt()).isZero();
        assertThat(spares.take(SIZE)).isNull();
    }

    private static ByteBuf buffer(int capacity) {
        return Unpooled.buffer(capacity, capacity);
    }
}
