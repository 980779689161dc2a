package dev.holdfast.serialization;

import java.util.concurrent.atomic.AtomicReferenceArray;

/** A few small buffers for reuse: a publish gives back the one that it took. Thread-safe. */
final class Buffers {
    private static final int SLOTS = 8;
    private static final int INITIAL = 1024;
    private static final int KEPT = 32 << 10;

    /** A thread comes back to its slot; where two share one, one of them makes a buffer anew. */
    private final AtomicReferenceArray<Buffer> spare = new AtomicReferenceArray<>(SLOTS);

    Buffer take() {
        Buffer buffer = spare.getAndSet(slot(), null);
        return buffer == null ? new Buffer(INITIAL) : buffer;
    }

    void giveBack(Buffer buffer) {
        if (buffer.bytes.length <= KEPT) {
            buffer.length = 0;
            spare.set(slot(), buffer);
        }
    }

    private static int slot() {
        return (int) Thread.currentThread().getId() & (SLOTS - 1);
    }
}
