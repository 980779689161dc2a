package dev.holdfast;

import dev.holdfast.serialization.Accept;
import dev.holdfast.serialization.BodyDecoder;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A message that a {@link Consumer} or a {@link SimpleQueue} received: its body, decoded when asked for, and the one
 * acknowledgement that it is owed.
 *
 * <p>It is settled once, by {@link #ack}, {@link #reject} or {@link #requeue}, whichever thread comes first; every later call
 * throws {@link MessageStateException}. Where the link that it came on is lost, settling throws {@link
 * AmqpChannelException}, each time, and the message counts as not settled: the broker delivers it again. With {@code noAck}
 * the broker took it for handled when it was sent: to acknowledge or reject it does nothing, and it cannot be requeued.
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

    /** Returns all that the broker said with the message: Kombu's {@code delivery_info}, properties and body. */
    public Delivery delivery() {
        return delivery;
    }

    /** Returns the body as it came: the array itself, not a copy, so treat it as read-only. */
    public byte[] body() {
        return delivery.body();
    }

    /** Returns the properties, headers included. */
    public MessageProperties properties() {
        return delivery.properties();
    }

    /** Returns the headers, unmodifiable; empty where there are none. */
    public Map<String, Object> headers() {
        Map<String, Object> headers = properties().headers();
        return headers == null ? Map.of() : headers;
    }

    /** Returns the content type, null for none. */
    public @Nullable String contentType() {
        return properties().contentType();
    }

    /** Returns the content encoding, null for none. */
    public @Nullable String contentEncoding() {
        return properties().contentEncoding();
    }

    /** Returns the exchange that it was published to; empty is the anon-exchange. */
    public String exchange() {
        return delivery.exchange();
    }

    /** Returns the routing key that it was published with. */
    public String routingKey() {
        return delivery.routingKey();
    }

    /** Tells whether it may have been delivered before. */
    public boolean redelivered() {
        return delivery.redelivered();
    }

    /** Returns the tag of its consumer, empty where it was asked for. */
    public String consumerTag() {
        return delivery.consumerTag();
    }

    /** Returns its number on its channel and link. */
    public long deliveryTag() {
        return delivery.deliveryTag();
    }

    /**
     * Returns the body, decompressed and decoded by what the headers say of it. Decoded once, also where it is null.
     *
     * @throws SerializationException if it is of a type that is not accepted or not known, or cannot be decoded
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
     * Returns the body decompressed and decoded into this class: JSON by Jackson into a record or a bean; other formats,
     * and text, must give an instance of it themselves. Decoded again only when another class is asked for; {@link
     * #payload()} is decoded for itself.
     *
     * @throws SerializationException as {@link #payload()} does, and for a body that does not give this class
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

    private @Nullable String compression() {
        return Objects.toString(headers().get("compression"), null);
    }

    /** Tells whether it was acknowledged, rejected or requeued. */
    public boolean acknowledged() {
        return settlement != null;
    }

    /**
     * Acknowledges it: the broker forgets it.
     *
     * @throws MessageStateException if it was settled before
     * @throws AmqpChannelException if the link that it came on is lost: the broker delivers it again
     */
    public void ack() {
        settle("acknowledged", () -> channel.ack(delivery));
    }

    /**
     * Acknowledges it and all that its channel received before it. Throws as {@link #ack}. Do not settle those before it
     * any more: they do not know of this, and the broker closes the channel of whoever settles twice.
     */
    public void ackMultiple() {
        settle("acknowledged", () -> channel.ackMultiple(delivery));
    }

    /** Refuses it: the broker drops it, or hands it to the queue's dead-letter exchange. Throws as {@link #ack}. */
    public void reject() {
        settle("rejected", () -> channel.reject(delivery, false));
    }

    /**
     * Puts it back into its queue, to be delivered again, to whomever. Throws as {@link #ack}.
     *
     * @throws MessageStateException also for a message without acknowledgement, which the broker has forgotten
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

    /** Returns all but the body, and what became of it. */
    @Override
    public String toString() {
        String current = settlement;
        return delivery + (current == null ? "" : " " + current);
    }
}
