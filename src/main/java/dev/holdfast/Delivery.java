package dev.holdfast;

import static java.util.Objects.requireNonNull;

/** A message with its delivery data, from a consumer or a get. Immutable and thread-safe, except for the body array. */
public final class Delivery {
    /** The fields that are usually equal in consecutive deliveries, which share one instance. */
    private record Envelope(
            String consumerTag,
            boolean redelivered,
            String exchange,
            String routingKey,
            long epoch,
            long messageCount) {}

    private final Envelope envelope;
    private final long deliveryTag;
    private final MessageProperties properties;
    private final byte[] body;

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
                        messageCount),
                deliveryTag,
                properties,
                body);
    }

    private Delivery(Envelope envelope, long deliveryTag, MessageProperties properties, byte[] body) {
        this.envelope = envelope;
        this.deliveryTag = deliveryTag;
        this.properties = requireNonNull(properties, "properties");
        this.body = requireNonNull(body, "body");
    }

    /** Returns a delivery with the same consumer, exchange and routing key. The body is not copied. */
    public Delivery with(long otherDeliveryTag, MessageProperties otherProperties, byte[] otherBody) {
        return new Delivery(envelope, otherDeliveryTag, otherProperties, otherBody);
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

    /** Returns the message's properties. */
    public MessageProperties properties() {
        return properties;
    }

    /** Returns the body: the array itself, not a copy, so treat it as read-only. */
    public byte[] body() {
        return body;
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

    /** Returns all fields, and the size of the body in place of its content. */
    @Override
    public String toString() {
        return "Delivery{consumerTag='" + envelope.consumerTag() + "', deliveryTag=" + deliveryTag
                + (envelope.redelivered() ? ", redelivered" : "") + ", exchange='" + envelope.exchange()
                + "', routingKey='"
                + envelope.routingKey() + "', properties=" + properties + ", body=" + body.length + " bytes}";
    }
}
