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
 * with the size that the header states. A body over the limit is counted and not kept.
 */
public final class ContentAssembler {
    private static final int FIRST_CAPACITY = 64 * 1024;
    private static final byte[] EMPTY = {};

    private final int maxBodySize;
    private final BodyBudget budget;

    /** The method whose content is being received; null if there is none. */
    private @Nullable String method;

    private boolean headerSeen;
    private byte[] body = EMPTY;
    private long filled;

    /** The size that the header states, unsigned. */
    private long bodySize;

    /** The budget had too few bytes left for the current body: it is counted and not kept. */
    private boolean overBudget;

    /** @param maxBodySize most bytes that a body may have */
    public ContentAssembler(int maxBodySize) {
        this(maxBodySize, new BodyBudget(maxBodySize));
    }

    /**
     * @param maxBodySize most bytes that a body may have
     * @param budget the memory of all incomplete bodies; at least {@code maxBodySize}
     */
    public ContentAssembler(int maxBodySize, BodyBudget budget) {
        this.maxBodySize = maxBodySize;
        this.budget = budget;
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
        headerSeen = true;
        this.bodySize = bodySize;
        filled = 0;
        overBudget = false;
        if (bodySize != 0 && !isTooLarge()) {
            grow((int) Math.min(bodySize, FIRST_CAPACITY));
        }
        return bodySize == 0;
    }

    private void grow(int capacity) {
        if (budget.take(capacity - body.length)) {
            try {
                body = Arrays.copyOf(body, capacity);
            } catch (OutOfMemoryError e) {
                budget.giveBack(capacity - body.length);
                throw e;
            }
        } else {
            overBudget = true;
            dropBody();
        }
    }

    private void dropBody() {
        budget.giveBack(body.length);
        body = EMPTY;
    }

    private boolean isTooLarge() {
        return bodySize < 0 || bodySize > maxBodySize;
    }

    /** Returns why the body of the current content is not kept; null if it is. */
    public @Nullable String bodyRefusal() {
        if (overBudget) {
            return "body size: " + bodySize + ", beside incomplete bodies on other channels (expected: <= "
                    + budget.maxBytes() + " together)";
        }
        return !isTooLarge()
                ? null
                : "body size: " + Long.toUnsignedString(bodySize) + " (expected: <= " + maxBodySize
                        + ", ConnectionOptions.maxInboundMessageSize)";
    }

    /**
     * Returns the array that takes the bytes of a body frame of this length, from index {@link #filled()} on; null if
     * the bytes are not kept.
     */
    public byte @Nullable [] bodyBuffer(int length) {
        if (method == null || !headerSeen) {
            throw new OutOfOrderException("body frame (expected: a content header before it)");
        }
        if (Long.compareUnsigned(length, bodySize - filled) > 0) {
            throw new OutOfOrderException("body: " + (filled + length) + " bytes (expected: "
                    + Long.toUnsignedString(bodySize) + " as its header says)");
        }
        if (isTooLarge() || overBudget) {
            return null;
        }
        long needed = filled + length;
        if (needed > body.length) {
            grow((int) Math.min(bodySize, Math.max(body.length * 2L, needed)));
        }
        return overBudget ? null : body;
    }

    /** How many bytes of the body the {@link #bodyBuffer} has. */
    public int filled() {
        return (int) filled;
    }

    /** A body frame of this length was received. Returns whether the content is complete. */
    public boolean added(int length) {
        filled += length;
        return filled == bodySize;
    }

    /** Returns the complete body, which the caller owns; null if it was too large to be kept. */
    public byte @Nullable [] take() {
        byte[] complete = isTooLarge() || overBudget ? null : body;
        reset();
        return complete;
    }

    /** Discards a content that is not complete: the channel is closed. */
    public void reset() {
        method = null;
        headerSeen = false;
        dropBody();
    }
}
