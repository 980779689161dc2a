package dev.holdfast;

import dev.holdfast.serialization.Accept;
import dev.holdfast.serialization.BodyDecoder;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A message that a {@link Consumer} or a {@link SimpleQueue} received. Decodes the body on demand and settles the
 * message once.
 *
 * <p>The first call of {@link #ack}, {@link #reject} or {@link #requeue} on any thread settles the message; each later
 * call throws {@link MessageStateException}. If the link that delivered the message is lost, each of these calls throws
 * {@link AmqpChannelException} and the message stays unsettled: the broker delivers it again. With {@code noAck} the
 * broker regards the message as acknowledged when it sends it: ack and reject do nothing, and requeue throws.
 *
 * <p>Thread-safe.
 */
public final class Message {
    private final Channel channel;
    private final Delivery delivery;
    private final boolean noAck;
    private final BodyDecoder decoder;
    private final Accept accept;

    /**
     * Makes decoding and settling happen once. Not a monitor: sending an ack may park, which with a monitor held pins a
     * virtual thread to its carrier before JDK 24.
     */
    private final ReentrantLock lock = new ReentrantLock();

    /** How the message was settled, null while it is not. Written under the lock. */
    private volatile @Nullable String settlement;

    private @Nullable Decoded payload;

    /** The result of the last {@link #payload(Class)}. */
    private @Nullable Decoded typedPayload;

    private record Decoded(Class<?> type, @Nullable Object value) {}

    Message(Channel channel, Delivery delivery, boolean noAck, BodyDecoder decoder, Accept accept) {
        this.channel = channel;
        this.delivery = delivery;
        this.noAck = noAck;
        this.decoder = decoder;
        this.accept = accept;
    }

    /** Returns the delivery: Kombu's {@code delivery_info}, the properties and the body. */
    public Delivery delivery() {
        return delivery;
    }

    /** Returns the undecoded body, as {@link Delivery#body()}. Throws as it does. */
    public byte[] body() {
        return delivery.body();
    }

    /** Returns the properties, headers included. Throws as {@link Delivery#properties()}. */
    public MessageProperties properties() {
        return delivery.properties();
    }

    /** Returns the headers, unmodifiable; empty if there are none. */
    public Map<String, Object> headers() {
        return properties().headers();
    }

    /** Returns the content type, null for none. */
    public @Nullable String contentType() {
        return properties().contentType();
    }

    /** Returns the content encoding, null for none. */
    public @Nullable String contentEncoding() {
        return properties().contentEncoding();
    }

    /** Returns the exchange that the message was published to; empty for the default exchange. */
    public String exchange() {
        return delivery.exchange();
    }

    /** Returns the routing key that the message was published with. */
    public String routingKey() {
        return delivery.routingKey();
    }

    /** Tells whether the message may have been delivered before. */
    public boolean redelivered() {
        return delivery.redelivered();
    }

    /** Returns the consumer tag; empty for a message of a get. */
    public String consumerTag() {
        return delivery.consumerTag();
    }

    /** Returns the delivery tag, which is valid on the channel and the link of the delivery. */
    public long deliveryTag() {
        return delivery.deliveryTag();
    }

    /**
     * Returns the body, decompressed and decoded according to the content type, the content encoding and the {@code
     * compression} header. Decoded once, also if the result is null.
     *
     * @throws SerializationException if the content type is not accepted or unknown, or the body cannot be decoded; if
     *     the message cannot be read, {@link Delivery#decodeError()}
     */
    public @Nullable Object payload() {
        lock.lock();
        try {
            if (payload == null) {
                payload = new Decoded(
                        Object.class, decoder.decode(body(), contentType(), contentEncoding(), compression(), accept));
            }
            return payload.value;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the body, decompressed and decoded into this class. JSON is mapped to a record or a bean; other
     * formats, and text, must decode to an instance of the class. The result for the last class is cached, separately
     * from {@link #payload()}.
     *
     * @throws SerializationException as {@link #payload()} does, and if the body cannot be decoded into this class
     */
    public <T> @Nullable T payload(Class<T> type) {
        lock.lock();
        try {
            Decoded decoded = typedPayload;
            if (decoded == null || decoded.type != type) {
                decoded = new Decoded(
                        type, decoder.decode(body(), contentType(), contentEncoding(), compression(), accept, type));
                typedPayload = decoded;
            }
            return type.cast(decoded.value);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Object compression() {
        return headers().get("compression");
    }

    /** Tells whether the message was acknowledged, rejected or requeued. */
    public boolean acknowledged() {
        return settlement != null;
    }

    /**
     * Acknowledges the message: the broker deletes it.
     *
     * @throws MessageStateException if the message was settled before
     * @throws AmqpChannelException if the link that delivered it is lost: the broker delivers it again
     */
    public void ack() {
        settle("acknowledged", () -> channel.ack(delivery));
    }

    /**
     * Acknowledges the message and all earlier deliveries of its channel. Throws as {@link #ack}. Do not settle the
     * earlier messages afterwards: their state does not change, and the broker closes a channel that settles a delivery
     * twice.
     */
    public void ackMultiple() {
        settle("acknowledged", () -> channel.ackMultiple(delivery));
    }

    /** Rejects the message: the broker drops it or sends it to the dead-letter exchange. Throws as {@link #ack}. */
    public void reject() {
        settle("rejected", () -> channel.reject(delivery, false));
    }

    /**
     * Requeues the message: the broker delivers it again, to any consumer of the queue. Throws as {@link #ack}.
     *
     * @throws MessageStateException also for a message received with {@code noAck}, which the broker has deleted
     */
    public void requeue() {
        if (noAck) {
            throw refused("received without acknowledgement");
        }
        settle("requeued", () -> channel.reject(delivery, true));
    }

    /** Sends and then marks the message as settled; it stays unsettled if sending throws. */
    void settle(String newSettlement, Runnable send) {
        if (noAck) {
            return;
        }
        lock.lock();
        try {
            if (settlement != null) {
                throw refused(settlement + " before");
            }
            send.run();
            settlement = newSettlement;
        } finally {
            lock.unlock();
        }
    }

    private MessageStateException refused(String state) {
        return new MessageStateException(
                "message " + deliveryTag() + ": " + state + " (expected: one ack, reject or requeue for each message)");
    }

    /** Returns the delivery without the body, and how the message was settled. */
    @Override
    public String toString() {
        String current = settlement;
        return delivery + (current == null ? "" : " " + current);
    }
}
