package dev.holdfast.internal.channel;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.Method;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts a method, its content header and its body frames together.
 *
 * <pre>
 *   METHOD ──content method──► HEADER ──header, body size > 0──► BODY ──last body frame──► METHOD
 *                                 └──header, body size 0─────────────────────────────────────┘
 * </pre>
 *
 * Content of one channel is never interleaved with other frames of it. Memory grows with what has arrived, never with what
 * is claimed.
 */
public final class ContentAssembler {
    private static final int FIRST_CAPACITY = 64 * 1024;

    private final int maxBodySize;
    private @Nullable Method method;
    private @Nullable MessageProperties properties;
    private byte[] body = new byte[0];
    private int filled;
    private long expected;

    /** @param maxBodySize octets that a body may have */
    public ContentAssembler(int maxBodySize) {
        this.maxBodySize = maxBodySize;
    }

    /** A whole message: the method that announced it, its properties and its body. */
    public static final class Content {
        private final Method method;
        private final MessageProperties properties;
        private final byte[] body;

        Content(Method method, MessageProperties properties, byte[] body) {
            this.method = method;
            this.properties = properties;
            this.body = body;
        }

        public Method method() {
            return method;
        }

        public MessageProperties properties() {
            return properties;
        }

        /** The body itself, not a copy: it has no other owner. */
        public byte[] body() {
            return body;
        }
    }

    /** Where the bytes of a body frame lie. */
    @FunctionalInterface
    public interface Source {
        /** Copies all of them to {@code body}, from {@code at} on. */
        void copyTo(byte[] body, int at);
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
        return method != null;
    }

    /** A method that announces a content. */
    public void method(Method announcing) {
        if (method != null) {
            throw new OutOfOrderException(announcing.methodName() + " inside the content of " + method.methodName()
                    + " (expected: its frames)");
        }
        method = announcing;
        properties = null;
    }

    /** Its header. Returns the content where it has no body. */
    public @Nullable Content header(MessageProperties header, long bodySize) {
        if (method == null || properties != null) {
            throw new OutOfOrderException("content header (expected: a method that announces it)");
        }
        if (bodySize < 0 || bodySize > maxBodySize) {
            throw new OutOfOrderException("body size: " + Long.toUnsignedString(bodySize) + " (expected: <= "
                    + maxBodySize + ", ConnectionOptions.maxInboundMessageSize)");
        }
        properties = header;
        expected = bodySize;
        filled = 0;
        body = new byte[(int) Math.min(bodySize, FIRST_CAPACITY)];
        return bodySize == 0 ? complete(method, header) : null;
    }

    /** One body frame. Returns the content where it was the last. */
    public @Nullable Content body(int length, Source source) {
        if (method == null || properties == null) {
            throw new OutOfOrderException("body frame (expected: a content header before it)");
        }
        if (filled + (long) length > expected) {
            throw new OutOfOrderException(
                    "body: " + (filled + (long) length) + " bytes (expected: " + expected + " as its header says)");
        }
        if (filled + length > body.length) {
            body = Arrays.copyOf(body, (int) Math.min(expected, Math.max(body.length * 2L, filled + (long) length)));
        }
        source.copyTo(body, filled);
        filled += length;
        return filled == expected ? complete(method, properties) : null;
    }

    /** The channel is gone: what was under way is forgotten. */
    public void reset() {
        method = null;
        properties = null;
        body = new byte[0];
    }

    private Content complete(Method announced, MessageProperties header) {
        Content content = new Content(announced, header, body);
        reset();
        return content;
    }
}
