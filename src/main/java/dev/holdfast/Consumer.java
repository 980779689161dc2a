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
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Receives and decodes the messages of one or more queues.
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
 * <p>Callbacks run on {@link ConnectionOptions#deliveryExecutor()}, one message at a time. An exception of a callback
 * is logged; the message stays unacknowledged, is not passed to the remaining callbacks, and consumption continues
 * until as many such messages as the {@linkplain ConsumeOptions#prefetch prefetch} are unacknowledged, which is logged.
 * When the link is lost the consumer is restored with the connection, and the broker redelivers unacknowledged
 * messages; those that still wait for a callback are dropped. Each queue is restored for itself: one that the broker
 * refuses is tried again ({@link ConnectionOptions#restoreLimit()}), then {@link #onCancel} is told.
 *
 * <p>Thread-safe.
 */
public final class Consumer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    /** Opens the channel of this consumer again; null if the channel is the caller's. */
    private final @Nullable Supplier<Channel> channels;

    private final BodyDecoder decoder;
    private final String tagPrefix;
    private final List<Callback> callbacks = new CopyOnWriteArrayList<>();

    /** Serializes starts and cancels. Deliveries do not take it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final List<Queue> queues;

    private volatile Channel channel;

    /** Number of consumer tags made so far. */
    private int started;

    /** Consumer tags by the name of the queue. */
    private final Map<String, String> tags = new ConcurrentHashMap<>();

    private volatile ConsumeOptions options;
    private volatile @Nullable OnMessage onMessage;
    private final RejectUndecodable rejectUndecodable = new RejectUndecodable(System::nanoTime);
    private volatile OnDecodeError onDecodeError = rejectUndecodable::failed;
    private volatile java.util.function.@Nullable Consumer<String> onCancel;
    private volatile boolean closed;

    /** Receives each message decoded. */
    @FunctionalInterface
    public interface Callback {
        /**
         * Handles a message.
         *
         * @throws Exception when it cannot: that is logged
         */
        void received(@Nullable Object payload, Message message) throws Exception;
    }

    /** Receives each message undecoded. */
    @FunctionalInterface
    public interface OnMessage {
        /**
         * Handles a message.
         *
         * @throws Exception when it cannot: that is logged
         */
        void received(Message message) throws Exception;
    }

    /** Receives each message that cannot be decoded, and settles it. */
    @FunctionalInterface
    public interface OnDecodeError {
        /**
         * Acknowledges, rejects or requeues the message, or leaves it unacknowledged.
         *
         * @throws Exception when it cannot: that is logged
         */
        void failed(Message message, SerializationException error) throws Exception;
    }

    /**
     * Creates a consumer on your channel, which {@link #close} does not close.
     *
     * @param options derives the consumer's options from {@link ConsumeOptions#defaults()}; options that are not set
     *     are taken from each queue: {@link Queue#noAck()} and {@link Queue#consumerArguments()}
     * @throws SerializerNotInstalledException if {@code accept} contains the name of no serializer
     */
    public Consumer(Channel channel, List<Queue> queues, UnaryOperator<ConsumeOptions> options) {
        this(channel, null, queues, new Settings(options.apply(ConsumeOptions.defaults()), channel.options()));
    }

    Consumer(Channel channel, @Nullable Supplier<Channel> channels, List<Queue> queues, Settings settings) {
        this.channel = channel;
        this.channels = channels;
        this.queues = new ArrayList<>(List.copyOf(queues));
        this.options = settings.options;
        String prefix = options.consumerTag();
        this.tagPrefix = prefix.isEmpty() ? "ctag-" + UUID.randomUUID() + "-" : prefix;
        this.decoder = settings.decoder;
    }

    /** Options that are checked against the connection's serializers before a channel is opened. */
    static final class Settings {
        private final ConsumeOptions options;
        private final BodyDecoder decoder;

        Settings(ConsumeOptions options, ConnectionOptions connection) {
            this.options = options;
            this.decoder = new BodyDecoder(connection.serializers(), connection.compressors());
            decoder.require(options.accept());
        }
    }

    /** Adds a callback. Each message is passed to all callbacks, in the order of their addition. Returns this. */
    public Consumer callback(Callback callback) {
        callbacks.add(requireNonNull(callback, "callback"));
        return this;
    }

    /** Sets the handler that receives undecoded messages instead of the callbacks; null for none. Returns this. */
    public Consumer onMessage(@Nullable OnMessage onMessage) {
        this.onMessage = onMessage;
        return this;
    }

    /**
     * Sets the handler of messages that cannot be decoded, are not accepted ({@link ConsumeOptions#accept}), or cannot
     * be read at all ({@link Delivery#decodeError()}). By default such a message is {@linkplain Message#reject
     * rejected}: the broker sends it to the dead-letter exchange of its queue, or drops it if the queue has none. The
     * first is logged as a warning, with the reason; all others are counted, and logged with their number at most once
     * a minute. One whose format needs an absent library stays unacknowledged instead.
     *
     * <p>{@code (message, error) -> {}} leaves each unacknowledged: it counts towards the prefetch, and the broker
     * requeues it when the channel is closed. Returns this.
     */
    public Consumer onDecodeError(OnDecodeError onDecodeError) {
        this.onDecodeError = requireNonNull(onDecodeError, "onDecodeError");
        return this;
    }

    /**
     * Sets the callback for the end of a queue's consumption, as {@link DeliveryHandler#cancelled(String)} lists; the
     * reason is logged. It is passed the queue's name, on {@link ConnectionOptions#deliveryExecutor()}. {@link
     * #consume} starts again. By default a warning is logged. Returns this.
     */
    public Consumer onCancel(java.util.function.Consumer<String> onCancel) {
        this.onCancel = requireNonNull(onCancel, "onCancel");
        return this;
    }

    /** Adds a queue. The next {@link #consume} starts to consume from it. Returns this. */
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
     * Declares the queues, unless {@link ConsumeOptions#autoDeclare(boolean)} is off, and starts to consume from those
     * that are not consumed yet. A consumer of {@link Connection#consumer} opens a new channel if the broker has closed
     * its channel, such as after its consumer_timeout. Returns this.
     *
     * @throws IllegalStateException if there is neither a callback nor an {@code onMessage} handler
     * @throws AmqpChannelException if the broker refuses a queue; the other queues are consumed. The errors of further
     *     refused queues are suppressed in it
     */
    public Consumer consume() {
        if (callbacks.isEmpty() && onMessage == null) {
            throw new IllegalStateException("callback: none (expected: callback or onMessage before consume)");
        }
        BlockingCalls.refuseOn(channel.inEventLoop(), "consume", "Channel.consumeAsync");
        lock.lock();
        try {
            reopen();
            ConsumeOptions current = options;
            List<AmqpChannelException> failures = new ArrayList<>();
            List<Queue> refused = current.autoDeclare() ? declareQueues(failures) : List.of();
            List<CompletableFuture<?>> starting = new ArrayList<>();
            for (Queue queue : queues) {
                String tag = tagPrefix + (started + 1);
                ConsumeOptions ofQueue = current.withDefaultsOf(queue).consumerTag(tag);
                if (!refused.contains(queue) && tags.putIfAbsent(queue.name(), tag) == null) {
                    started++;
                    starting.add(start(queue.name(), ofQueue));
                }
            }
            for (CompletableFuture<?> start : starting) {
                try {
                    Object unused = BlockingCalls.forReply(start.copy(), "basic.consume");
                } catch (AmqpChannelException e) {
                    failures.add(e);
                }
            }
            throwFirst(failures);
        } finally {
            lock.unlock();
        }
        return this;
    }

    /** Opens the channel again that the broker has closed. Needs the lock. */
    private void reopen() {
        if (channels != null && !closed && channel.closedBy() != null) {
            Channel opened = channels.get();
            if (closed) {
                opened.close();
            } else {
                channel = opened;
            }
        }
    }

    private static void throwFirst(List<AmqpChannelException> failures) {
        if (!failures.isEmpty()) {
            AmqpChannelException first = failures.get(0);
            failures.subList(1, failures.size()).forEach(first::addSuppressed);
            throw first;
        }
    }

    /**
     * Declares the queues that are not consumed yet, as {@link #consume} does unless {@link
     * ConsumeOptions#autoDeclare(boolean)} is off. Returns this.
     */
    public Consumer declare() {
        BlockingCalls.refuseOn(channel.inEventLoop(), "declare", "Channel.declareAsync");
        lock.lock();
        try {
            reopen();
            List<AmqpChannelException> failures = new ArrayList<>();
            List<Queue> unused = declareQueues(failures);
            throwFirst(failures);
        } finally {
            lock.unlock();
        }
        return this;
    }

    /** Replaces a server-named queue by the queue with its name. Returns the refused queues. Needs the lock. */
    private List<Queue> declareQueues(List<AmqpChannelException> failures) {
        List<Queue> refused = new ArrayList<>();
        queues.replaceAll(queue -> {
            try {
                return consumingFrom(queue.name()) ? queue : channel.declare(queue);
            } catch (AmqpChannelException e) { // ends this declaration only
                failures.add(e);
                refused.add(queue);
                return queue;
            }
        });
        return refused;
    }

    private CompletableFuture<?> start(String queue, ConsumeOptions options) {
        Deliveries deliveries = new Deliveries(channel, queue, options);
        return channel.start(queue, options, deliveries).whenComplete((tag, error) -> {
            if (error != null) {
                boolean unused = tags.remove(queue, options.consumerTag());
            }
        });
    }

    private final class Deliveries implements DeliveryHandler {
        /** The channel that delivers, and takes the acknowledgements. */
        private final Channel from;

        private final String queue;
        private final ConsumeOptions options;
        private final int prefetch;

        /** Messages of the channel's current opening whose handling failed and which are not settled. */
        private int failures;

        private long epochOfFailures;

        Deliveries(Channel from, String queue, ConsumeOptions options) {
            this.from = from;
            this.prefetch = from.prefetch;
            this.queue = queue;
            this.options = options;
        }

        @Override
        public void handle(Delivery delivery) throws Exception {
            if (closed && !options.noAck()) {
                return; // the channel is closed, so the broker requeued the message
            }
            Message message = new Message(from, delivery, options.noAck(), decoder, options.accept());
            boolean succeeded = false;
            try {
                succeeded = received(message);
            } finally {
                if (!succeeded && !options.noAck() && !message.acknowledged()) {
                    countFailure(delivery.epoch());
                }
            }
        }

        private void countFailure(long epoch) {
            failures = epoch == epochOfFailures ? failures + 1 : 1;
            epochOfFailures = epoch;
            if (failures == options.withDefaultPrefetch(prefetch).prefetch()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "consumer of queue '" + queue + "': the handling of " + failures
                                + " unacknowledged messages failed, as many as the prefetch: the broker delivers no"
                                + " more until they are settled or the channel is closed");
            }
        }

        @Override
        public void cancelled(String consumerTag, @Nullable AmqpException reason) {
            boolean closedByClient = from.closedBy() instanceof AmqpConnectionException closing
                    && closing.initiator() == Initiator.CLIENT;
            if (tags.remove(queue, consumerTag) && !closedByClient) {
                java.util.function.Consumer<String> callback = onCancel;
                if (callback == null) {
                    LOG.log(System.Logger.Level.WARNING, "queue '" + queue + "' is no longer consumed", reason);
                } else {
                    callback.accept(queue);
                }
            }
        }
    }

    /** Returns whether the message was passed to the application. */
    private boolean received(Message message) throws Exception {
        OnMessage handler = onMessage;
        if (handler != null) {
            handler.received(message);
            return true;
        }
        Object payload;
        try {
            payload = message.payload();
        } catch (SerializationException e) {
            onDecodeError.failed(message, e);
            return false;
        }
        for (Callback callback : callbacks) {
            callback.received(payload, message);
        }
        return true;
    }

    /** Stops consuming from all queues. {@link #consume} starts again; received messages can still be settled. */
    public void cancel() {
        BlockingCalls.refuseOn(channel.inEventLoop(), "cancel", "Channel.cancelAsync");
        lock.lock();
        try {
            List<CompletableFuture<?>> cancels = new ArrayList<>();
            tags.forEach((queue, tag) -> cancels.add(cancelTag(queue, tag)));
            cancels.forEach(cancel -> BlockingCalls.forReply(cancel.copy(), "basic.cancel"));
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<Void> cancelTag(String queue, String tag) {
        return channel.stop(tag).thenRun(() -> {
            boolean unused = tags.remove(queue, tag);
        });
    }

    /** Stops consuming from this queue and removes it from this consumer. */
    public void cancelByQueue(String queue) {
        BlockingCalls.refuseOn(channel.inEventLoop(), "cancel", "Channel.cancelAsync");
        lock.lock();
        try {
            String tag = tags.get(queue);
            if (tag != null) {
                Void unused = BlockingCalls.forReply(cancelTag(queue, tag).copy(), "basic.cancel");
            }
            queues.removeIf(candidate -> candidate.name().equals(queue));
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether it consumes from this queue: from {@link #consume} until either side cancels. */
    public boolean consumingFrom(String queue) {
        return tags.containsKey(queue);
    }

    /**
     * Removes the messages that await delivery from all queues of this consumer.
     *
     * @return the number of removed messages
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

    /** Sets {@link ConsumeOptions#prefetch(int)} of the queues that are started later. Returns this. */
    public Consumer qos(int prefetch) {
        lock.lock();
        try {
            options = options.prefetch(prefetch);
        } finally {
            lock.unlock();
        }
        return this;
    }

    /** Asks the broker to redeliver the unacknowledged messages of the channel, as {@link Channel#recover} does. */
    public void recover(boolean requeue) {
        channel.recover(requeue);
    }

    /** Stops or resumes the broker's deliveries on the channel, with the limits of {@link Channel#flow}. */
    public void flow(boolean active) {
        channel.flow(active);
    }

    /**
     * Cancels. A consumer of {@link Connection#consumer} also closes its channel: the broker requeues unacknowledged
     * messages, and messages that were not passed to a callback yet are dropped.
     */
    @Override
    public void close() {
        if (channels != null) {
            closed = true;
            tags.clear(); // no onCancel for a close by this call
            channel.close();
        } else {
            cancel();
        }
        rejectUndecodable.end();
    }

    /** Returns the queues and the channel. */
    @Override
    public String toString() {
        return "consumer of " + queues() + " on " + channel;
    }
}
