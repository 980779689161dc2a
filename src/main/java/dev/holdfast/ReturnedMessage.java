package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A mandatory message that the broker returned (basic.return) because it was routed to no queue. Immutable.
 *
 * <p>The body of a message cannot be read if it is larger than {@link ConnectionOptions#maxInboundMessageSize()}, and
 * its properties if the broker returns them wrongly encoded; {@link #decodeError()} tells the reason.
 */
public final class ReturnedMessage {
    private final int replyCode;
    private final String replyText;
    private final String exchange;
    private final String routingKey;
    private final @Nullable MessageProperties properties;
    private final byte @Nullable [] body;
    private final @Nullable DecodeException decodeError;

    /** Creates a returned message. The body is not copied. */
    public ReturnedMessage(
            int replyCode,
            String replyText,
            String exchange,
            String routingKey,
            MessageProperties properties,
            byte[] body) {
        this(replyCode, replyText, exchange, routingKey, properties, body, null);
    }

    /**
     * Creates a returned message, of which a part may not be readable. The body is not copied.
     *
     * @param properties null if they cannot be read
     * @param body null if it cannot be read
     * @param decodeError why one of them is null; null if both are present
     */
    public ReturnedMessage(
            int replyCode,
            String replyText,
            String exchange,
            String routingKey,
            @Nullable MessageProperties properties,
            byte @Nullable [] body,
            @Nullable DecodeException decodeError) {
        this.replyCode = replyCode;
        this.replyText = requireNonNull(replyText, "replyText");
        this.exchange = requireNonNull(exchange, "exchange");
        this.routingKey = requireNonNull(routingKey, "routingKey");
        this.properties = decodeError == null ? requireNonNull(properties, "properties") : properties;
        this.body = decodeError == null ? requireNonNull(body, "body") : body;
        this.decodeError = decodeError;
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

    /**
     * Returns the properties that the message was published with.
     *
     * @throws DecodeException if they cannot be read, with the reason
     */
    public MessageProperties properties() {
        return DecodeException.readable(properties, decodeError);
    }

    /**
     * Returns the body: the array itself, not a copy, so treat it as read-only.
     *
     * @throws DecodeException if it cannot be read, with the reason
     */
    public byte[] body() {
        return DecodeException.readable(body, decodeError);
    }

    /** Returns why the properties or the body cannot be read; null if both can. */
    public @Nullable DecodeException decodeError() {
        return decodeError;
    }

    /** Returns all fields, and the length of the body in place of its content. */
    @Override
    public String toString() {
        return "ReturnedMessage{" + replyCode + " " + replyText + ", exchange='" + exchange + "', routingKey='"
                + routingKey + "'" + DecodeException.describe(properties, body, decodeError) + "}";
    }
}
