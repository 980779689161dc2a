package dev.holdfast;

import static java.util.Objects.requireNonNull;

/** A message that the broker gave back (basic.return), because it was mandatory and no queue took it. Immutable. */
public final class ReturnedMessage {
    private final int replyCode;
    private final String replyText;
    private final String exchange;
    private final String routingKey;
    private final MessageProperties properties;
    private final byte[] body;

    /** Makes the value; the body is taken as it is, not copied. */
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

    /** Returns the broker's reply code: 312 no route, 313 no consumers, or one of the broker's own. */
    public int replyCode() {
        return replyCode;
    }

    /** Returns the broker's reply text, such as {@code NO_ROUTE}. */
    public String replyText() {
        return replyText;
    }

    /** Returns the exchange that the message was published to; empty is the anon-exchange. */
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

    /** Returns all but the body, of which only the size is told. */
    @Override
    public String toString() {
        return "ReturnedMessage{" + replyCode + " " + replyText + ", exchange='" + exchange + "', routingKey='"
                + routingKey + "', properties=" + properties + ", body=" + body.length + " bytes}";
    }
}
