package dev.holdfast.internal.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts the body of a content together, and sees to the order of its frames.
 *
 * <pre>
 *   METHOD ──content method──► HEADER ──header, body size > 0──► BODY ──last body frame──► METHOD
 *                                 └──header, body size 0─────────────────────────────────────┘
 * </pre>
 *
 * Content of one channel is never interleaved with other frames of it. Memory grows with what has arrived, never with
 * what is claimed.
 */
public final class ContentAssembler {
    private static final int FIRST_CAPACITY = 64 * 1024;
    private static final byte[] NOTHING = {};

    private final int maxBodySize;

    /** The method whose content is under way. */
    private @Nullable String announcedBy;

    private boolean headerSeen;
    private byte[] body = NOTHING;
    private int filled;
    private long expected;

    /** @param maxBodySize octets that a body may have */
    public ContentAssembler(int maxBodySize) {
        this.maxBodySize = maxBodySize;
    }

    /** A frame that may not stand where it does; the message says why. */
    public static final class OutOfOrderException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutOfOrderException(String message) {
            super(message);
        }
    }

    /** Whether a content is under way: no other method may come. */
    public boolean isBusy() {
        return announcedBy != null;
    }

    /** A method that announces a content. */
    public void begin(String methodName) {
        requireIdle(methodName);
        announcedBy = methodName;
        headerSeen = false;
    }

    /** Refuses a method that comes inside a content. */
    public void requireIdle(String methodName) {
        if (announcedBy != null) {
            throw new OutOfOrderException(
                    methodName + " inside the content of " + announcedBy + " (expected: its frames)");
        }
    }

    /** Its header. Returns whether the content is whole: it has no body. */
    public boolean header(long bodySize) {
        if (announcedBy == null || headerSeen) {
            throw new OutOfOrderException("content header (expected: a method that announces it)");
        }
        if (bodySize < 0 || bodySize > maxBodySize) {
            throw new OutOfOrderException("body size: " + Long.toUnsignedString(bodySize) + " (expected: <= "
                    + maxBodySize + ", ConnectionOptions.maxInboundMessageSize)");
        }
        headerSeen = true;
        expected = bodySize;
        filled = 0;
        body = bodySize == 0 ? NOTHING : new byte[(int) Math.min(bodySize, FIRST_CAPACITY)];
        return bodySize == 0;
    }

    /** Where the bytes of a body frame of this length go, from {@link #filled()} on. */
    public byte[] room(int length) {
        if (announcedBy == null || !headerSeen) {
            throw new OutOfOrderException("body frame (expected: a content header before it)");
        }
        long needed = filled + (long) length;
        if (needed > expected) {
            throw new OutOfOrderException("body: " + needed + " bytes (expected: " + expected + " as its header says)");
        }
        if (needed > body.length) {
            body = Arrays.copyOf(body, (int) Math.min(expected, Math.max(body.length * 2L, needed)));
        }
        return body;
    }

    /** How much of the body has come. */
    public int filled() {
        return filled;
    }

    /** The bytes are where {@link #room} said. Returns whether the content is whole. */
    public boolean added(int length) {
        filled += length;
        return filled == expected;
    }

    /** The body of a content that is whole: it has no other owner. */
    public byte[] take() {
        byte[] whole = body;
        reset();
        return whole;
    }

    /** The channel is gone: what was under way is forgotten. */
    public void reset() {
        announcedBy = null;
        headerSeen = false;
        body = NOTHING;
    }
}
