package dev.holdfast.internal.state;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.Method;

/** A whole message: the method that announced it, its properties and its body. */
public final class Content {
    private final Method method;
    private final MessageProperties properties;
    private final byte[] body;

    /** @param body taken as it is, not copied */
    public Content(Method method, MessageProperties properties, byte[] body) {
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
