package dev.holdfast.testing;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;

/** What connections of this JVM hold outside the heap. */
public final class DirectMemory {
    private DirectMemory() {}

    /**
     * Bytes of all buffers but those that are received into, of which each connection has one: the outbound logs' and, with
     * TLS, the channels'. To the byte: what a pool holds for them comes in steps of 4 MiB.
     */
    public static long used() {
        return UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
                + PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }
}
