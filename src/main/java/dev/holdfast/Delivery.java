package dev.holdfast;

import static java.util.Objects.requireNonNull;

/** A message that the broker delivered to a consumer or handed out to a get. Immutable and thread-safe. */
public final class Delivery {
    private final String consumerTag;
    private final long deliveryTag;
    private final boolean redelivered;
    private final String exchange;
    private final String routingKey;
    private final MessageProperties properties;
    private final byte[] body;
    private final long epoch;
    private final long messageCount;

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
        this.consumerTag = requireNonNull(consumerTag, "consumerTag");
        this.deliveryTag = deliveryTag;
        this.redelivered = redelivered;
        this.exchange = requireNonNull(exchange, "exchange");
        this.routingKey = requireNonNull(routingKey, "routingKey");
        this.properties = requireNonNull(properties, "properties");
        this.body = requireNonNull(body, "body");
        this.epoch = epoch;
        this.messageCount = messageCount;
    }

    /** Returns the tag of the consumer, empty for a get. */
    public String consumerTag() {
        return consumerTag;
    }

    /** Returns the number that an ack names; it is valid on the channel and the link ({@link #epoch()}) it came by. */
    public long deliveryTag() {
        return deliveryTag;
    }

    /** Tells whether the message may have been delivered before. */
    public boolean redelivered() {
        return redelivered;
    }

    /** Returns the exchange that the message was published to; empty is the anon-exchange. */
    public String exchange() {
        return exchange;
    }

    /** Returns the routing key that the message was published with. */
    public String routingKey() {
        return routingKey;
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
        return epoch;
    }

    /** Returns how many messages were left in the queue after a get; -1 for a delivery to a consumer. */
    public long messageCount() {
        return messageCount;
    }

    /** Returns all but the body, of which only the size is told. */
    @Override
    public String toString() {
        return "Delivery{consumerTag='" + consumerTag + "', deliveryTag=" + deliveryTag
                + (redelivered ? ", redelivered" : "") + ", exchange='" + exchange + "', routingKey='" + routingKey
                + "', properties=" + properties + ", body=" + body.length + " bytes}";
    }
}
