package dev.holdfast.serialization;

import dev.holdfast.internal.concurrent.StripedPool;

/** Pool of small buffers for encoded bodies. A publish releases the buffer that it acquired. Thread-safe. */
final class BodyBufferPool {
    private static final int INITIAL_CAPACITY = 1024;

    /** A buffer that has grown beyond this is not pooled: 32 KiB. */
    private static final int MAX_POOLED_CAPACITY = 32 << 10;

    private final StripedPool<BodyBuffer> pool = new StripedPool<>();

    BodyBuffer acquire() {
        BodyBuffer pooled = pool.acquire();
        return pooled == null ? new BodyBuffer(INITIAL_CAPACITY) : pooled;
    }

    void release(BodyBuffer buffer) {
        if (buffer.bytes.length <= MAX_POOLED_CAPACITY) {
            buffer.length = 0;
            pool.release(buffer);
        }
    }
}
