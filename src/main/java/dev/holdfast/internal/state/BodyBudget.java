package dev.holdfast.internal.state;

/**
 * Limits the memory of the bodies that are being received, over all channels of a connection: a broker may begin a
 * message on each channel and complete none. Event loop only.
 */
public final class BodyBudget {
    private final long maxBytes;
    private long used;

    /** @param maxBytes at least the size of the largest body that is kept */
    public BodyBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Takes this many bytes. Returns false if so many are not left; then none are taken. */
    boolean take(long bytes) {
        if (bytes > maxBytes - used) {
            return false;
        }
        used += bytes;
        return true;
    }

    void giveBack(long bytes) {
        used -= bytes;
    }

    long maxBytes() {
        return maxBytes;
    }

    /** The bytes that are taken; on another thread, those of a recent moment. */
    public long used() {
        return used;
    }
}
