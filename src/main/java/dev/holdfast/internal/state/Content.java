package dev.holdfast.internal.state;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.Method;

/** A complete message: its method, such as basic.return or basic.get-ok, its properties and its body. */
public final class Content {
    private final Method method;
    private final MessageProperties properties;
    private final long propertiesBytes;
    private final byte[] body;

    /**
     * @param propertiesBytes approximate memory of the properties
     * @param body not copied: the caller must not use it any more
     */
    public Content(Method method, MessageProperties properties, long propertiesBytes, byte[] body) {
        this.method = method;
        this.properties = properties;
        this.propertiesBytes = propertiesBytes;
        this.body = body;
    }

    public Method method() {
        return method;
    }

    public MessageProperties properties() {
        return properties;
    }

    /** Approximate memory of properties and body. */
    public long bytes() {
        return propertiesBytes + body.length;
    }

    /** Returns the body, not copied: the caller owns it. */
    public byte[] body() {
        return body;
    }
}
