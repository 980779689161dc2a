package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.serialization.Accept;
import dev.holdfast.serialization.BodyDecoder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/**
 * A broker's queue with the put and get of a JDK queue.
 *
 * <p>No message is fetched in advance: {@link #get} sends {@code basic.get} and polls at intervals that grow from 2 ms
 * to 100 ms while the queue is empty. So several clients can share a queue evenly, and no message is lost at a close.
 * For a stream of messages use a {@link Consumer}.
 *
 * <p>Thread-safe. Configure it before use.
 */
public final class SimpleQueue implements AutoCloseable {
    private static final long MIN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Channel channel;
    private final Queue queue;
    private final BodyDecoder decoder;

    /** Whether messages are routed by the queue's name, which changes with the link for a server-named queue. */
    private final boolean putsByName;

    private volatile Producer producer;
    private volatile boolean noAck;
    private volatile Accept accept = Accept.safe();

    /** Takes over the channel, which {@link #close} closes. The queue must have been declared. */
    SimpleQueue(Channel channel, Queue queue, Producer producer) {
        this.channel = channel;
        this.queue = queue;
        this.producer = producer;
        ConnectionOptions options = channel.options();
        this.decoder = new BodyDecoder(options.serializers(), options.compressors());
        this.noAck = queue.noAck();
        this.putsByName = queue.exchange().name().isEmpty();
    }

    /**
     * Sets whether {@link #get} acknowledges the messages that it returns; default {@link Queue#noAck}. Returns this.
     */
    public SimpleQueue noAck(boolean noAck) {
        this.noAck = noAck;
        return this;
    }

    /**
     * Sets the content types that {@link Message#payload} decodes; default {@link Accept#safe()}. Returns this.
     *
     * @throws SerializerNotInstalledException if it contains the name of no serializer
     */
    public SimpleQueue accept(Accept accept) {
        decoder.require(requireNonNull(accept, "accept"));
        this.accept = accept;
        return this;
    }

    /**
     * Changes the options of {@link #put}, such as {@code p -> p.serializer("yaml")}; default: those that route to the
     * queue and declare it. Returns this.
     *
     * @throws SerializerNotInstalledException if the connection lacks the serializer or compressor
     */
    public SimpleQueue putOptions(UnaryOperator<PublishOptions> options) {
        producer = producer.with(options);
        return this;
    }

    /** Returns the queue, with its first name at the broker. */
    public Queue queue() {
        return queue;
    }

    /** Returns the producer of {@link #put}, for the other forms of publishing. */
    public Producer producer() {
        return producer;
    }

    /** Publishes a message to the queue and waits for its outcome, as {@link Producer#publish(Object)} does. */
    public Confirmation put(Object body) {
        return put(body, UnaryOperator.identity());
    }

    /** Publishes with options that start from this queue's. Throws as {@link Producer#publish(Object)}. */
    public Confirmation put(Object body, UnaryOperator<PublishOptions> options) {
        String name = putsByName ? channel.currentName(queue.name()) : queue.name();
        return producer.publish(body, name.equals(queue.name()) ? options : o -> options.apply(o.routingKey(name)));
    }

    /**
     * Gets the next message, and waits for one while the queue is empty.
     *
     * @param timeout how long to wait, 0 or more; the last call to the broker may exceed it by {@link
     *     ConnectionOptions#rpcTimeout()}, also while the connection reconnects
     * @return empty if no message arrived in time
     * @throws AmqpChannelException if the queue no longer exists: this object is unusable then
     * @throws AmqpTimeoutException if the broker does not answer, or the thread was interrupted: no message is lost
     */
    public Optional<Message> get(Duration timeout) {
        long deadline =
                System.nanoTime() + Arguments.notNegative("timeout", timeout).toNanos();
        long pause = MIN_PAUSE_NANOS;
        while (true) {
            Optional<Message> message = getNow();
            long remaining = deadline - System.nanoTime();
            if (message.isPresent() || remaining <= 0) {
                return message;
            }
            LockSupport.parkNanos(Math.min(remaining, pause)); // after an interrupt the next getNow throws
            pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
        }
    }

    /** Gets the next message; empty if the queue is empty. Throws as {@link #get}. */
    public Optional<Message> getNow() {
        BlockingCalls.refuseOn(channel.inEventLoop(), "get", "Channel.getAsync");
        if (queue.autoDelete() || queue.exclusive()) {
            Queue unused = channel.declare(queue); // the broker deletes it with the link
        }
        return channel.get(queue.name(), false).map(delivery -> {
            if (noAck) {
                channel.ack(delivery);
            }
            return new Message(channel, delivery, noAck, decoder, accept);
        });
    }

    /** Returns the broker's message count of the queue; RabbitMQ does not count unacknowledged messages. */
    public long size() {
        return channel.inspect(queue.name()).messageCount();
    }

    /**
     * Removes the messages from the queue that await delivery.
     *
     * @return the number of removed messages
     */
    public long clear() {
        return channel.purge(queue.name());
    }

    /** Closes the channel: the broker requeues messages that are not settled. A second call does nothing. */
    @Override
    public void close() {
        channel.close();
    }

    /** Returns the queue and the channel. */
    @Override
    public String toString() {
        return "simple " + queue + " on " + channel;
    }
}
