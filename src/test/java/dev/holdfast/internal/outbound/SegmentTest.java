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
    private final SegmentPool spares = new SegmentPool();
    private final Segment segment = new Segment(UnpooledByteBufAllocator.DEFAULT.directBuffer(8, 8));

    @AfterEach
    void close() {
        spares.close();
    }

    @Test
    void handsOverWhatWasAppendedSince() {
        append("ab");
        assertThat(handOver()).isEqualTo("ab");
        assertThat(segment.fullyHanded()).isTrue();
        segment.appendBuffer().put((byte) 'c');
        append("de");
        assertThat(segment.fullyHanded()).isFalse();
        assertThat(handOver()).isEqualTo("cde");
        assertThat(segment.length()).isEqualTo(5);
        assertThat(segment.hasRoom(3)).isTrue();
        assertThat(segment.hasRoom(4)).isFalse();
        assertThat(segment.release(spares)).isTrue();
    }

    /** The view that it is written through knows nothing of the buffer's reference count. */
    @Test
    void takesNothingOnceItsMemoryIsGivenBack() {
        append("ab");
        assertThat(segment.release(spares)).isTrue();
        assertThat(segment.hasRoom(1)).isFalse();
        assertThatThrownBy(() -> segment.appendBuffer().put((byte) 'c')).isInstanceOf(BufferOverflowException.class);
        assertThat(segment.release(spares)).isFalse();
    }

    /** What the transport holds stays readable. */
    @Test
    void livesOnInWhatWasHandedOver() {
        append("ab");
        ByteBuf handed = segment.handOver();
        assertThat(segment.release(spares)).isTrue();
        assertThat(handed.toString(US_ASCII)).isEqualTo("ab");
        assertThat(handed.release()).isTrue();
    }

    private void append(String frames) {
        segment.append(Unpooled.copiedBuffer(frames, US_ASCII));
    }

    private String handOver() {
        ByteBuf handed = segment.handOver();
        try {
            return handed.toString(US_ASCII);
        } finally {
            handed.release();
        }
    }
}
