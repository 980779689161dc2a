package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.serialization.BodyDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Receives the messages of one or more queues, decoded.
 *
 * <pre>{@code
 * try (Consumer consumer = connection.consumer(video).callback((body, message) -> {
 *     process(body);
 *     message.ack();
 * })) {
 *     consumer.consume();
 *     ...
 * }
 * }</pre>
 *
 * <p>Callbacks run on {@link ConnectionOptions#deliveryExecutor()}, one message after the other. What a callback throws is
 * logged; the message stays unacknowledged, later callbacks do not see it, and consumption goes on. When the connection is
 * lost the consumer comes back with it, and what was not acknowledged is delivered again.
 *
 * <p>Thread-safe.
 */
public final class Consumer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final Channel channel;
    private final boolean ownsChannel;
    private final BodyDecoder decoder;
    private final String tagPrefix;
    private final List<Callback> callbacks = new CopyOnWriteArrayList<>();

    /** Orders starts and cancels; deliveries do not take it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final List<Queue> queues;
    private int started;

    /** The tag under which a queue, by name, is consumed. */
    private final Map<String, String> tags = new ConcurrentHashMap<>();

    private volatile ConsumeOptions options;
    private volatile @Nullable OnMessage onMessage;
    private volatile OnDecodeError onDecodeError = Consumer::leave;
    private volatile java.util.function.Consumer<String> onCancel = this::warn;
    private volatile boolean closed;

    /** Is handed each decoded message. */
    @FunctionalInterface
    public interface Callback {
        /**
         * Handles a message.
         *
         * @throws Exception when it cannot: that is logged
         */
        void received(@Nullable Object payload, Message message) throws Exception;
    }

    /** Is handed each message as it came. */
    @FunctionalInterface
    public interface OnMessage {
        /**
         * Handles a message.
         *
         * @throws Exception when it cannot: that is logged
         */
        void received(Message message) throws Exception;
    }

    /** Is handed each message that cannot be decoded, and settles it. */
    @FunctionalInterface
    public interface OnDecodeError {
        /**
         * Decides what becomes of the message.
         *
         * @throws Exception when it cannot: that is logged
         */
        void failed(Message message, SerializationException error) throws Exception;
    }

    /**
     * A consumer on a channel of the caller's.
     *
     * @param options makes its options from {@link ConsumeOptions#defaults()}; what they do not say, each queue does:
     *     {@link Queue#noAck()} and {@link Queue#consumerArguments()}
     * @throws SerializerNotInstalledException if {@code accept} names what no serializer is called
     */
    public Consumer(Channel channel, List<Queue> queues, UnaryOperator<ConsumeOptions> options) {
        this(channel, false, queues, new Reading(options.apply(ConsumeOptions.defaults()), channel.options()));
    }

    Consumer(Channel channel, boolean ownsChannel, List<Queue> queues, Reading reading) {
        this.channel = channel;
        this.ownsChannel = ownsChannel;
        this.queues = new ArrayList<>(List.copyOf(queues));
        this.options = reading.options;
        String prefix = options.consumerTag();
        this.tagPrefix = prefix.isEmpty() ? "ctag-" + UUID.randomUUID() + "-" : prefix;
        this.decoder = reading.decoder;
    }

    /** Options that are checked against what the connection knows, before anything is opened for them. */
    static final class Reading {
        private final ConsumeOptions options;
        private final BodyDecoder decoder;

        Reading(ConsumeOptions options, ConnectionOptions known) {
            this.options = options;
            this.decoder = new BodyDecoder(known.serializers(), known.compressors());
            decoder.require(options.accept());
        }
    }

    /** Adds a callback; each message goes to all of them, in the order in which they were added. Returns this. */
    public Consumer callback(Callback callback) {
        callbacks.add(requireNonNull(callback, "callback"));
        return this;
    }

    /** Sets what is handed the messages instead of the callbacks, and undecoded; null for none. Returns this. */
    public Consumer onMessage(@Nullable OnMessage onMessage) {
        this.onMessage = onMessage;
        return this;
    }

    /**
     * Sets what decides on messages that cannot be decoded. Default: such a message is logged as a warning and stays
     * unacknowledged, so that it is neither lost nor comes back at once; it counts in the prefetch, and the queue has it
     * again when the channel ends. {@code (message, error) -> message.reject()} dead-letters it. Returns this.
     */
    public Consumer onDecodeError(OnDecodeError onDecodeError) {
        this.onDecodeError = requireNonNull(onDecodeError, "onDecodeError");
        return this;
    }

    private static void leave(Message message, SerializationException error) {
        LOG.log(System.Logger.Level.WARNING, "left unacknowledged, as it cannot be decoded: " + message, error);
    }

    /**
     * Sets what hears the name of a queue whose consumption the broker ended, as it does when the queue is deleted or the
     * channel closed; called on the delivery executor. Default: a warning is logged. Returns this.
     */
    public Consumer onCancel(java.util.function.Consumer<String> onCancel) {
        this.onCancel = requireNonNull(onCancel, "onCancel");
        return this;
    }

    private void warn(String queue) {
        LOG.log(System.Logger.Level.WARNING, "queue '" + queue + "' is not consumed any more", channel.closedBy());
    }

    /** Adds a queue; the next {@link #consume} starts it. Returns this. */
    public Consumer addQueue(Queue queue) {
        requireNonNull(queue, "queue");
        lock.lock();
        try {
            queues.add(queue);
        } finally {
            lock.unlock();
        }
        return this;
    }

    /**
     * Declares the queues, unless {@link ConsumeOptions#autoDeclare(boolean) told not to}, and starts to consume from those
     * that it does not consume from yet. Returns this.
     *
     * @throws IllegalStateException if there is neither a callback nor an {@code onMessage}
     * @throws AmqpChannelException if the broker refuses one of them; the others may be started
     */
    public Consumer consume() {
        if (callbacks.isEmpty() && onMessage == null) {
            throw new IllegalStateException("callback: none (expected: callback or onMessage before consume)");
        }
        BlockingCalls.refuseOn(channel.inEventLoop(), "consume", "Channel.consumeAsync");
        lock.lock();
        try {
            ConsumeOptions now = options;
            if (now.autoDeclare()) {
                declareQueues();
            }
            List<CompletableFuture<?>> starting = new ArrayList<>();
            for (Queue queue : queues) {
                String tag = tagPrefix + (started + 1);
                if (tags.putIfAbsent(queue.name(), tag) == null) {
                    started++;
                    starting.add(start(queue.name(), now.withDefaultsOf(queue).consumerTag(tag)));
                }
            }
            starting.forEach(each -> BlockingCalls.forReply(each.copy(), "basic.consume"));
        } finally {
            lock.unlock();
        }
        return this;
    }

    /**
     * Declares the queues that it does not consume from yet; {@link #consume} does so by itself unless told not to. Returns
     * this.
     */
    public Consumer declare() {
        BlockingCalls.refuseOn(channel.inEventLoop(), "declare", "Channel.declareAsync");
        lock.lock();
        try {
            declareQueues();
        } finally {
            lock.unlock();
        }
        return this;
    }

    /** A server-named queue has its name from here on. Needs the lock. */
    private void declareQueues() {
        queues.replaceAll(queue -> consumingFrom(queue.name()) ? queue : channel.declare(queue));
    }

    private CompletableFuture<?> start(String queue, ConsumeOptions options) {
        return channel.consumeAsync(queue, options, new Deliveries(queue, options))
                .whenComplete((tag, error) -> {
                    if (error != null) {
                        boolean unused = tags.remove(queue, options.consumerTag());
                    }
                });
    }

    private final class Deliveries implements DeliveryHandler {
        private final String queue;
        private final ConsumeOptions options;

        Deliveries(String queue, ConsumeOptions options) {
            this.queue = queue;
            this.options = options;
        }

        @Override
        public void handle(Delivery delivery) throws Exception {
            if (closed && !options.noAck()) {
                return; // its channel is closed: it is back in its queue
            }
            received(new Message(channel, delivery, options.noAck(), decoder, options.accept()));
        }

        @Override
        public void cancelled(String consumerTag) {
            boolean ours = channel.closedBy() instanceof AmqpConnectionException closing
                    && closing.initiator() == Initiator.CLIENT;
            if (tags.remove(queue, consumerTag) && !ours) {
                onCancel.accept(queue);
            }
        }
    }

    private void received(Message message) throws Exception {
        OnMessage whole = onMessage;
        if (whole != null) {
            whole.received(message);
            return;
        }
        Object payload;
        try {
            payload = message.payload();
        } catch (SerializationException e) {
            onDecodeError.failed(message, e);
            return;
        }
        for (Callback callback : callbacks) {
            callback.received(payload, message);
        }
    }

    /** Stops consuming from all queues; {@link #consume} starts again. What was received can still be settled. */
    public void cancel() {
        BlockingCalls.refuseOn(channel.inEventLoop(), "cancel", "Channel.cancelAsync");
        lock.lock();
        try {
            List<CompletableFuture<?>> ending = new ArrayList<>();
            tags.forEach((queue, tag) -> ending.add(end(queue, tag)));
            ending.forEach(each -> BlockingCalls.forReply(each.copy(), "basic.cancel"));
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<Void> end(String queue, String tag) {
        return channel.cancelAsync(tag).thenRun(() -> {
            boolean unused = tags.remove(queue, tag);
        });
    }

    /** Stops consuming from this queue, and takes it off the list. */
    public void cancelByQueue(String queue) {
        BlockingCalls.refuseOn(channel.inEventLoop(), "cancel", "Channel.cancelAsync");
        lock.lock();
        try {
            String tag = tags.get(queue);
            if (tag != null) {
                Void unused = BlockingCalls.forReply(end(queue, tag).copy(), "basic.cancel");
            }
            queues.removeIf(each -> each.name().equals(queue));
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether it consumes from this queue: from {@link #consume} until it is cancelled by either side. */
    public boolean consumingFrom(String queue) {
        return tags.containsKey(queue);
    }

    /**
     * Empties its queues of the messages that wait in them.
     *
     * @return how many went
     */
    public long purge() {
        return queues().stream().mapToLong(queue -> channel.purge(queue.name())).sum();
    }

    private List<Queue> queues() {
        lock.lock();
        try {
            return List.copyOf(queues);
        } finally {
            lock.unlock();
        }
    }

    /** Sets {@link ConsumeOptions#prefetch(int)} for the queues that are started from now on. Returns this. */
    public Consumer qos(int prefetch) {
        lock.lock();
        try {
            options = options.prefetch(prefetch);
        } finally {
            lock.unlock();
        }
        return this;
    }

    /** Asks the broker to deliver again what its channel has not acknowledged. */
    public void recover(boolean requeue) {
        channel.recover(requeue);
    }

    /** Stops the broker's deliveries on its channel, or lets them come again, within the limits of {@link Channel#flow}. */
    public void flow(boolean active) {
        channel.flow(active);
    }

    /**
     * Cancels. A consumer of {@link Connection#consumer} closes its channel too: what it received and did not acknowledge
     * goes back to its queue, and what no callback has seen yet does not reach one any more.
     */
    @Override
    public void close() {
        if (ownsChannel) {
            closed = true;
            tags.clear(); // nobody hears of an end that is our own
            channel.close();
        } else {
            cancel();
        }
    }

    /** Returns the queues and the channel. */
    @Override
    public String toString() {
        return "consumer of " + queues() + " on " + channel;
    }
}
