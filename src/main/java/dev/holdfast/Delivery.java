package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A message with its delivery data, from a consumer or a get. Immutable and thread-safe, except for the body array.
 *
 * <p>The properties of a message cannot be read if another client encoded them wrongly or nested its headers deeper
 * than 32 levels; the body cannot if it is larger than {@link ConnectionOptions#maxInboundMessageSize()}. Such a
 * message is delivered, acknowledged and rejected as any other; {@link #decodeError()} tells the reason.
 */
public final class Delivery {
    /** The fields that are usually equal in consecutive deliveries, which share one instance. */
    private record Envelope(
            String consumerTag,
            boolean redelivered,
            String exchange,
            String routingKey,
            long epoch,
            long messageCount,
            @Nullable DecodeException decodeError) {}

    private final Envelope envelope;
    private final long deliveryTag;
    private final @Nullable MessageProperties properties;
    private final byte @Nullable [] body;

    /**
     * Creates a delivery. The body is not copied.
     *
     * @param consumerTag empty for a get
     * @param epoch the number of the channel's opening to which the delivery tag belongs
     * @param messageCount the number of messages left in the queue after a get, -1 for a consumer
     */
    public Delivery(
            String consumerTag,
            long deliveryTag,
            boolean redelivered,
            String exchange,
            String routingKey,
            MessageProperties properties,
            byte[] body,
            long epoch,
            long messageCount) {
        this(
                new Envelope(
                        requireNonNull(consumerTag, "consumerTag"),
                        redelivered,
                        requireNonNull(exchange, "exchange"),
                        requireNonNull(routingKey, "routingKey"),
                        epoch,
                        messageCount,
                        null),
                deliveryTag,
                properties,
                body);
    }

    private Delivery(
            Envelope envelope, long deliveryTag, @Nullable MessageProperties properties, byte @Nullable [] body) {
        boolean readable = envelope.decodeError() == null;
        this.envelope = envelope;
        this.deliveryTag = deliveryTag;
        this.properties = readable ? requireNonNull(properties, "properties") : properties;
        this.body = readable ? requireNonNull(body, "body") : body;
    }

    /**
     * Returns a delivery with the same consumer, exchange and routing key. The body is not copied.
     *
     * @param otherProperties null if they cannot be read
     * @param otherBody null if it cannot be read
     * @param decodeError why one of them is null; null if both are present
     */
    public Delivery with(
            long otherDeliveryTag,
            @Nullable MessageProperties otherProperties,
            byte @Nullable [] otherBody,
            @Nullable DecodeException decodeError) {
        Envelope other = envelope;
        if (decodeError != other.decodeError()) {
            other = new Envelope(
                    other.consumerTag(),
                    other.redelivered(),
                    other.exchange(),
                    other.routingKey(),
                    other.epoch(),
                    other.messageCount(),
                    decodeError);
        }
        return new Delivery(other, otherDeliveryTag, otherProperties, otherBody);
    }

    /** Returns the consumer tag, empty for a get. */
    public String consumerTag() {
        return envelope.consumerTag();
    }

    /** Returns the delivery tag; it is valid until the channel of the delivery ends ({@link #epoch()}). */
    public long deliveryTag() {
        return deliveryTag;
    }

    /** Tells whether the message may have been delivered before. */
    public boolean redelivered() {
        return envelope.redelivered();
    }

    /** Returns the exchange that the message was published to; empty for the default exchange. */
    public String exchange() {
        return envelope.exchange();
    }

    /** Returns the routing key that the message was published with. */
    public String routingKey() {
        return envelope.routingKey();
    }

    /**
     * Returns the message's properties.
     *
     * @throws DecodeException if they cannot be read, with the reason
     */
    public MessageProperties properties() {
        return DecodeException.readable(properties, envelope.decodeError());
    }

    /**
     * Returns the body: the array itself, not a copy, so treat it as read-only.
     *
     * @throws DecodeException if it cannot be read, with the reason
     */
    public byte[] body() {
        return DecodeException.readable(body, envelope.decodeError());
    }

    /** Returns the length of the body in bytes; 0 if the body cannot be read. */
    public int bodyLength() {
        return body == null ? 0 : body.length;
    }

    /**
     * Returns why the properties or the body cannot be read; null if both can. What can be read of the message is
     * returned as usual.
     */
    public @Nullable DecodeException decodeError() {
        return envelope.decodeError();
    }

    /**
     * Returns a number that grows with each opening of a channel of the connection. When a channel is opened again,
     * after a reconnect or a close by the broker, the broker redelivers unacknowledged messages, and an ack for an
     * earlier opening throws {@link AmqpChannelException}.
     */
    public long epoch() {
        return envelope.epoch();
    }

    /** Returns the number of messages left in the queue after a get; -1 for a delivery to a consumer. */
    public long messageCount() {
        return envelope.messageCount();
    }

    /** Returns all fields, and the length of the body in place of its content. */
    @Override
    public String toString() {
        return "Delivery{consumerTag='" + envelope.consumerTag() + "', deliveryTag=" + deliveryTag
                + (envelope.redelivered() ? ", redelivered" : "") + ", exchange='" + envelope.exchange()
                + "', routingKey='"
                + envelope.routingKey() + "'" + DecodeException.describe(properties, body, envelope.decodeError())
                + "}";
    }
}
