package dev.holdfast.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.BufferOverflowException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SegmentTest {
    private final SegmentPool pool = new SegmentPool();
    private final Segment segment = new Segment(UnpooledByteBufAllocator.DEFAULT.directBuffer(8, 8));

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void transfersWhatWasAppendedSinceTheLastTransfer() {
        append("ab");
        assertThat(transfer()).isEqualTo("ab");
        assertThat(segment.isFullyTransferred()).isTrue();
        segment.appendBuffer().put((byte) 'c');
        append("de");
        assertThat(segment.isFullyTransferred()).isFalse();
        assertThat(transfer()).isEqualTo("cde");
        assertThat(segment.length()).isEqualTo(5);
        assertThat(segment.hasRoom(3)).isTrue();
        assertThat(segment.hasRoom(4)).isFalse();
        assertThat(segment.release(pool)).isTrue();
    }

    /** The append buffer does not check the reference count of the segment's buffer. */
    @Test
    void rejectsWritesAfterTheRelease() {
        append("ab");
        assertThat(segment.release(pool)).isTrue();
        assertThat(segment.hasRoom(1)).isFalse();
        assertThatThrownBy(() -> segment.appendBuffer().put((byte) 'c')).isInstanceOf(BufferOverflowException.class);
        assertThat(segment.release(pool)).isFalse();
    }

    @Test
    void transferredSlicesStayReadableAfterTheRelease() {
        append("ab");
        ByteBuf transferred = segment.transfer();
        assertThat(segment.release(pool)).isTrue();
        assertThat(transferred.toString(US_ASCII)).isEqualTo("ab");
        assertThat(transferred.release()).isTrue();
    }

    private void append(String frames) {
        segment.append(Unpooled.copiedBuffer(frames, US_ASCII));
    }

    private String transfer() {
        ByteBuf transferred = segment.transfer();
        try {
            return transferred.toString(US_ASCII);
        } finally {
            transferred.release();
        }
    }
}
