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
 * A queue of a broker that is used like one of the JDK's: put and get.
 *
 * <p>It takes no message that nobody asked for: {@link #get} asks the broker, and where there is none asks again, at
 * intervals that grow to 100 ms. So many clients can share a queue evenly, and a close loses nothing. For a stream of
 * messages, use a {@link Consumer}.
 *
 * <p>Thread-safe. Configure it before use.
 */
public final class SimpleQueue implements AutoCloseable {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Channel channel;
    private final Queue queue;
    private final Producer producer;
    private final BodyDecoder decoder;

    private volatile boolean noAck;
    private volatile Accept accept = Accept.safe();

    /** The channel becomes its own; the queue is declared. */
    SimpleQueue(Channel channel, Queue queue, Producer producer) {
        this.channel = channel;
        this.queue = queue;
        this.producer = producer;
        ConnectionOptions options = channel.options();
        this.decoder = new BodyDecoder(options.serializers(), options.compressors());
        this.noAck = queue.noAck();
    }

    /** Sets whether a message is acknowledged when {@link #get} hands it out; default {@link Queue#noAck}. Returns this. */
    public SimpleQueue noAck(boolean noAck) {
        this.noAck = noAck;
        return this;
    }

    /**
     * Sets what {@link Message#payload} takes; default {@link Accept#safe()}. Returns this.
     *
     * @throws SerializerNotInstalledException if it names what no serializer is called
     */
    public SimpleQueue accept(Accept accept) {
        decoder.require(requireNonNull(accept, "accept"));
        this.accept = accept;
        return this;
    }

    /** Returns the queue, under the name that it has at the broker. */
    public Queue queue() {
        return queue;
    }

    /** Returns what {@link #put} publishes with, for its other forms. */
    public Producer producer() {
        return producer;
    }

    /** Publishes a message to the queue and waits for its outcome, as {@link Producer#publish(Object)} does. */
    public Confirmation put(Object body) {
        return producer.publish(body);
    }

    /** Publishes with options that start from this queue's. Throws as {@link Producer#publish(Object)}. */
    public Confirmation put(Object body, UnaryOperator<PublishOptions> options) {
        return producer.publish(body, options);
    }

    /**
     * Takes the next message, waiting for one where there is none.
     *
     * @param timeout how long to wait, 0 or more; each question to the broker has {@link ConnectionOptions#rpcTimeout()}
     *     besides, also while the connection comes back
     * @return empty if none came
     * @throws AmqpChannelException if the queue is no more: this object is of no use then
     * @throws AmqpTimeoutException if the broker does not answer, or the thread was interrupted: no message is lost
     */
    public Optional<Message> get(Duration timeout) {
        long end = System.nanoTime() + Arguments.notNegative("timeout", timeout).toNanos();
        long pause = FIRST_PAUSE_NANOS;
        while (true) {
            Optional<Message> message = getNow();
            long left = end - System.nanoTime();
            if (message.isPresent() || left <= 0) {
                return message;
            }
            LockSupport.parkNanos(Math.min(left, pause)); // interrupted: the next question says so
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
    }

    /** Takes the next message if there is one. Throws as {@link #get}. */
    public Optional<Message> getNow() {
        BlockingCalls.refuseOn(channel.inEventLoop(), "get", "Channel.getAsync");
        if (queue.autoDelete() || queue.exclusive()) {
            Queue unused = channel.declare(queue); // it does not outlive a link
        }
        return channel.get(queue.name(), false).map(delivery -> {
            if (noAck) {
                channel.ack(delivery);
            }
            return new Message(channel, delivery, noAck, decoder, accept);
        });
    }

    /** Returns how many messages wait in the queue, as the broker counts: RabbitMQ without those handed out. */
    public long size() {
        return channel.inspect(queue.name()).messageCount();
    }

    /**
     * Empties the queue of the messages that wait in it.
     *
     * @return how many went
     */
    public long clear() {
        return channel.purge(queue.name());
    }

    /** Closes its channel: what was handed out and not settled goes back into the queue. A second call does nothing. */
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
