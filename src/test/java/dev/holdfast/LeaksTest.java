package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;

class LeaksTest {
    @Test
    void findsABufferThatNobodyReleased() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        lose();
        assertThat(Leaks.found()).singleElement().asString().contains("LeaksTest");
    }

    @Test
    void findsNothingWhereAllIsReleased() {
        ByteBufAllocator.DEFAULT.buffer(1).release();
        assertThat(Leaks.found()).isEmpty();
    }

    private static void lose() {
        ByteBufAllocator.DEFAULT.buffer(16).writeInt(1);
    }
}
