package dev.holdfast;

import static java.util.Objects.requireNonNull;

/** A message that the broker delivered to a consumer or handed out to a get. Immutable and thread-safe. */
public final class Delivery {
    /** What one delivery most often shares with the next. */
    private record Origin(
            String consumerTag,
            boolean redelivered,
            String exchange,
            String routingKey,
            long epoch,
            long messageCount) {}

    private final Origin origin;
    private final long deliveryTag;
    private final MessageProperties properties;
    private final byte[] body;

    /**
     * Makes the value; the body is taken as it is, not copied.
     *
     * @param consumerTag empty for a get
     * @param epoch which of the connection's successive links the tag belongs to
     * @param messageCount what a get told of the messages left, -1 for a consumer
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
                new Origin(
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

    private Delivery(Origin origin, long deliveryTag, MessageProperties properties, byte[] body) {
        this.origin = origin;
        this.deliveryTag = deliveryTag;
        this.properties = requireNonNull(properties, "properties");
        this.body = requireNonNull(body, "body");
    }

    /** Returns another message that came the same way; the body is taken as it is, not copied. */
    public Delivery with(long otherDeliveryTag, MessageProperties otherProperties, byte[] otherBody) {
        return new Delivery(origin, otherDeliveryTag, otherProperties, otherBody);
    }

    /** Returns the tag of the consumer, empty for a get. */
    public String consumerTag() {
        return origin.consumerTag();
    }

    /** Returns the number that an ack names; it is valid on the channel and the link ({@link #epoch()}) it came by. */
    public long deliveryTag() {
        return deliveryTag;
    }

    /** Tells whether the message may have been delivered before. */
    public boolean redelivered() {
        return origin.redelivered();
    }

    /** Returns the exchange that the message was published to; empty is the anon-exchange. */
    public String exchange() {
        return origin.exchange();
    }

    /** Returns the routing key that the message was published with. */
    public String routingKey() {
        return origin.routingKey();
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
     * Returns which of the connection's successive links this came by. After a reconnect the broker delivers
     * unacknowledged messages anew, and an ack for an old link is refused.
     */
    public long epoch() {
        return origin.epoch();
    }

    /** Returns how many messages were left in the queue after a get; -1 for a delivery to a consumer. */
    public long messageCount() {
        return origin.messageCount();
    }

    /** Returns all but the body, of which only the size is told. */
    @Override
    public String toString() {
        return "Delivery{consumerTag='" + origin.consumerTag() + "', deliveryTag=" + deliveryTag
                + (origin.redelivered() ? ", redelivered" : "") + ", exchange='" + origin.exchange() + "', routingKey='"
                + origin.routingKey() + "', properties=" + properties + ", body=" + body.length + " bytes}";
    }
}
