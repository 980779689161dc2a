package dev.holdfast.testing;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Measures the direct memory that connections of this JVM use. */
public final class DirectMemory {
    private DirectMemory() {}

    /**
     * The bytes of all buffers of outbound logs and, with TLS, of Netty channels, but not of the receive buffer
     * that each connection has. Exact to the byte, unlike the memory of a pool, which grows in steps of 4 MiB.
     */
    public static long used() {
        return UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
                + PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }
}
