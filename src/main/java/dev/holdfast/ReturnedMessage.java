package dev.holdfast;

import static java.util.Objects.requireNonNull;

/** A mandatory message that the broker returned (basic.return) because it was routed to no queue. Immutable. */
public final class ReturnedMessage {
    private final int replyCode;
    private final String replyText;
    private final String exchange;
    private final String routingKey;
    private final MessageProperties properties;
    private final byte[] body;

    /** Creates a returned message. The body is not copied. */
    public ReturnedMessage(
            int replyCode,
            String replyText,
            String exchange,
            String routingKey,
            MessageProperties properties,
            byte[] body) {
        this.replyCode = replyCode;
        this.replyText = requireNonNull(replyText, "replyText");
        this.exchange = requireNonNull(exchange, "exchange");
        this.routingKey = requireNonNull(routingKey, "routingKey");
        this.properties = requireNonNull(properties, "properties");
        this.body = requireNonNull(body, "body");
    }

    /** Returns the broker's reply code: 312 (no route), 313 (no consumers), or another code of the broker. */
    public int replyCode() {
        return replyCode;
    }

    /** Returns the broker's reply text, such as {@code NO_ROUTE}. */
    public String replyText() {
        return replyText;
    }

    /** Returns the exchange that the message was published to; empty for the default exchange. */
    public String exchange() {
        return exchange;
    }

    /** Returns the routing key that the message was published with. */
    public String routingKey() {
        return routingKey;
    }

    /** Returns the properties that the message was published with. */
    public MessageProperties properties() {
        return properties;
    }

    /** Returns the body: the array itself, not a copy, so treat it as read-only. */
    public byte[] body() {
        return body;
    }

    /** Returns all fields, and the size of the body in place of its content. */
    @Override
    public String toString() {
        return "ReturnedMessage{" + replyCode + " " + replyText + ", exchange='" + exchange + "', routingKey='"
                + routingKey + "', properties=" + properties + ", body=" + body.length + " bytes}";
    }
}
