package dev.holdfast.serialization;

/** A few small buffers for reuse: a publish gives back the one that it took. Thread-safe. */
final class Buffers {
    private static final int INITIAL = 1024;
    private static final int KEPT = 32 << 10;

    private final Slots<Buffer> spare = new Slots<>();

    Buffer take() {
        Buffer buffer = spare.take();
        return buffer == null ? new Buffer(INITIAL) : buffer;
    }

    void giveBack(Buffer buffer) {
        if (buffer.bytes.length <= KEPT) {
            buffer.length = 0;
            spare.put(buffer);
        }
    }
}
