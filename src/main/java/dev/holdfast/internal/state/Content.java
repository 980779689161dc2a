package dev.holdfast.internal.state;

import dev.holdfast.DecodeException;
import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.Method;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A complete message: its method, such as basic.return or basic.get-ok, its properties and its body. A message that
 * cannot be read has no properties, or no body, and the reason.
 */
public final class Content {
    private final Method method;
    private final byte[] encodedHeader;
    private final @Nullable MessageProperties properties;
    private final byte @Nullable [] body;
    private final @Nullable DecodeException decodeError;

    /**
     * The arrays are not copied: the caller must not use them any more.
     *
     * @param properties null if they cannot be decoded
     * @param body null if it was too large to be kept
     * @param decodeError why one of them is null; null if both are present
     */
    public Content(
            Method method,
            byte[] encodedHeader,
            @Nullable MessageProperties properties,
            byte @Nullable [] body,
            @Nullable DecodeException decodeError) {
        this.method = method;
        this.encodedHeader = encodedHeader;
        this.properties = properties;
        this.body = body;
        this.decodeError = decodeError;
    }

    public Method method() {
        return method;
    }

    /**
     * The payload of the content header as it was received: class(2) weight(2) body-size(8), property flags and
     * properties. Empty unless the method is basic.return.
     */
    public byte[] encodedHeader() {
        return encodedHeader;
    }

    /** The size of the body in bytes, as the header of a basic.return states it. */
    public long bodySize() {
        return ByteBuffer.wrap(encodedHeader).getLong(4);
    }

    public @Nullable MessageProperties properties() {
        return properties;
    }

    /** Approximate memory of properties and body of a basic.return. */
    public long bytes() {
        return propertiesMemory(encodedHeader.length) + (body == null ? 0 : body.length);
    }

    /** Approximate memory of decoded properties. */
    public static long propertiesMemory(int encodedLength) {
        return 8L * encodedLength;
    }

    /** Returns the body, not copied: the caller owns it. */
    public byte @Nullable [] body() {
        return body;
    }

    public @Nullable DecodeException decodeError() {
        return decodeError;
    }
}
