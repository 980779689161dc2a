package dev.holdfast.internal.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Assembles the body of a message from its body frames, and checks the order of its method, header and body frames.
 *
 * <pre>
 *   METHOD ──content method──► HEADER ──header, body size > 0──► BODY ──last body frame──► METHOD
 *                                 └──header, body size 0─────────────────────────────────────┘
 * </pre>
 *
 * On one channel, no other frame may come between the frames of a message. Memory grows with the bytes that arrive, not
 * with the size that the header states.
 */
public final class ContentAssembler {
    private static final int FIRST_CAPACITY = 64 * 1024;
    private static final byte[] EMPTY = {};

    private final int maxBodySize;

    /** The method whose content is being received; null if there is none. */
    private @Nullable String method;

    private boolean headerSeen;
    private byte[] body = EMPTY;
    private int filled;
    private long bodySize;

    /** @param maxBodySize most bytes that a body may have */
    public ContentAssembler(int maxBodySize) {
        this.maxBodySize = maxBodySize;
    }

    /** Thrown for a frame out of order, or of a wrong size; the message says which was expected. */
    public static final class OutOfOrderException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutOfOrderException(String message) {
            super(message);
        }
    }

    /** Whether a content is being received, so that no other method may come. */
    public boolean isBusy() {
        return method != null;
    }

    /** Receives a method that has a content. */
    public void begin(String methodName) {
        requireIdle(methodName);
        method = methodName;
        headerSeen = false;
    }

    /** Throws if a content is being received, inside which this method may not come. */
    public void requireIdle(String methodName) {
        if (method != null) {
            throw new OutOfOrderException(methodName + " inside the content of " + method + " (expected: its frames)");
        }
    }

    /** Receives the content header. Returns whether the content is complete, because it has no body. */
    public boolean header(long bodySize) {
        if (method == null || headerSeen) {
            throw new OutOfOrderException("content header (expected: a method that announces it)");
        }
        if (bodySize < 0 || bodySize > maxBodySize) {
            throw new OutOfOrderException("body size: " + Long.toUnsignedString(bodySize) + " (expected: <= "
                    + maxBodySize + ", ConnectionOptions.maxInboundMessageSize)");
        }
        headerSeen = true;
        this.bodySize = bodySize;
        filled = 0;
        body = bodySize == 0 ? EMPTY : new byte[(int) Math.min(bodySize, FIRST_CAPACITY)];
        return bodySize == 0;
    }

    /** Returns the array that takes the bytes of a body frame of this length, from index {@link #filled()} on. */
    public byte[] bodyBuffer(int length) {
        if (method == null || !headerSeen) {
            throw new OutOfOrderException("body frame (expected: a content header before it)");
        }
        long needed = filled + (long) length;
        if (needed > bodySize) {
            throw new OutOfOrderException("body: " + needed + " bytes (expected: " + bodySize + " as its header says)");
        }
        if (needed > body.length) {
            body = Arrays.copyOf(body, (int) Math.min(bodySize, Math.max(body.length * 2L, needed)));
        }
        return body;
    }

    /** How many bytes of the body were received. */
    public int filled() {
        return filled;
    }

    /** The bytes were written to the {@link #bodyBuffer}. Returns whether the content is complete. */
    public boolean added(int length) {
        filled += length;
        return filled == bodySize;
    }

    /** Returns the complete body, which the caller owns. */
    public byte[] take() {
        byte[] complete = body;
        reset();
        return complete;
    }

    /** Discards a content that is not complete: the channel is closed. */
    public void reset() {
        method = null;
        headerSeen = false;
        body = EMPTY;
    }
}
