package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;

class BufferLeakExtensionTest {
    @Test
    void unreleasedBufferIsReported() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        leakABuffer();
        assertThat(BufferLeakExtension.takeLeaks()).singleElement().asString().contains("BufferLeakExtensionTest");
    }

    @Test
    void releasedBufferIsNotReported() {
        ByteBufAllocator.DEFAULT.buffer(1).release();
        assertThat(BufferLeakExtension.takeLeaks()).isEmpty();
    }

    private static void leakABuffer() {
        ByteBufAllocator.DEFAULT.buffer(16).writeInt(1);
    }
}
