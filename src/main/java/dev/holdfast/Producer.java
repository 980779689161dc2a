package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.outbound.CompletionQueue;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.serialization.BodyEncoder;
import dev.holdfast.serialization.EncodedBody;
import dev.holdfast.serialization.Raw;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;

/**
 * Publishes messages and reports the outcome of each one.
 *
 * <p>Every publish has exactly one outcome, in bounded time:
 *
 * <ul>
 *   <li>{@link Confirmation}: the broker confirmed the message (without {@link ConnectionOptions#confirms(boolean)
 *       confirms}: it was transferred to the transport);
 *   <li>{@link UnroutableException}: the message was mandatory and was routed to no queue;
 *   <li>{@link NackedException}: the broker sent a nack;
 *   <li>{@link PublishException}: the message was not confirmed; {@link PublishException#delivery()} says whether it
 *       may have been delivered; {@link RetriesExhaustedException} if the attempts of a retry policy are used up;
 *   <li>{@link AmqpChannelException} or {@link AmqpConnectionException}: the broker closed the channel or the
 *       connection because of this message (no such exchange, too large). Other messages of the channel do not fail for
 *       this reason: unsent ones wait for the next channel, sent ones that the broker certainly discarded are sent
 *       again; the others are sent again if they have a retry policy and otherwise fail with
 *       {@link PublishException.DeliveryStatus#UNKNOWN};
 *   <li>{@link SerializationException} or {@link IllegalArgumentException}: the message was not sent.
 * </ul>
 *
 * <p>These rules hold on the connection's own channel and on a {@link Channel} alike: a channel with a producer is
 * opened again after a close. A confirm that is late ends one attempt of its message. With a retry policy the message
 * is then sent again, on the same channel if that has answered since, otherwise on a new one.
 *
 * <p>Each publish method has a blocking and an asynchronous form, and takes the producer's defaults, options that
 * replace them, or an operator that starts from them (Kombu's keyword arguments). Options that are reused are encoded
 * once, which is the fastest form.
 *
 * <p>Thread-safe. A producer stays usable after a reconnect and needs no closing.
 */
public final class Producer {
    private final ChannelSource source;
    private final Publisher publisher;

    /** Maps the name of a queue to its present one. */
    private final UnaryOperator<String> names;

    private final PublishOptions defaults;
    private final BodyEncoder encoder;

    /** Creates a producer without defaults on this connection or channel. */
    public Producer(ChannelSource source) {
        this(source, UnaryOperator.identity());
    }

    /**
     * Creates a producer with defaults. On a {@link Channel} this puts the channel into confirm mode and waits for the
     * broker's reply.
     *
     * @param defaults derives the producer's defaults from {@link PublishOptions#defaults()}
     * @throws IllegalStateException if the channel is in tx mode
     * @throws SerializerNotInstalledException if the connection lacks the serializer or compressor of the defaults
     */
    public Producer(ChannelSource source, UnaryOperator<PublishOptions> defaults) {
        this.source = requireNonNull(source, "source");
        this.publisher = source.publisher();
        this.names = source::currentName;
        this.defaults = defaults.apply(PublishOptions.defaults()).asProducerDefaults();
        this.encoder =
                new BodyEncoder(source.options().serializers(), source.options().compressors());
        encoder.require(this.defaults.serializer(), this.defaults.compression());
    }

    /** Returns the options of a publish that has none of its own. */
    public PublishOptions defaults() {
        return defaults;
    }

    /** Publishes with the producer's defaults and waits for the outcome. */
    public Confirmation publish(Object body) {
        return publish(body, defaults);
    }

    /** Publishes with options that start from the producer's defaults and waits for the outcome. */
    public Confirmation publish(Object body, UnaryOperator<PublishOptions> options) {
        return publish(body, options.apply(defaults));
    }

    /**
     * Publishes and waits for the outcome.
     *
     * @param body a {@code byte[]} or {@code ByteBuffer} is sent as it is, a {@code String} as text, any other object
     *     by the serializer of the options, by default JSON
     * @throws IllegalStateException on the connection's I/O thread, which must not wait
     */
    public Confirmation publish(Object body, PublishOptions options) {
        BlockingCalls.refuseOn(source.inEventLoop(), "publish", "publishAsync");
        CompletableFuture<Confirmation> future = send(body, options, new CompletionQueue.CallerFuture());
        try {
            return future.get();
        } catch (InterruptedException e) {
            DeliveryStatus delivery = publisher.giveUp(future);
            Thread.currentThread().interrupt();
            if (delivery == null) {
                return outcome(future); // completed before the interrupt
            }
            throw new PublishException("interrupted while waiting for the confirm", e, delivery);
        } catch (ExecutionException e) {
            throw BlockingCalls.callerException(e);
        }
    }

    private static Confirmation outcome(CompletableFuture<Confirmation> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw BlockingCalls.callerException(e);
        }
    }

    /** Publishes with the producer's defaults. */
    public CompletableFuture<Confirmation> publishAsync(Object body) {
        return publishAsync(body, defaults);
    }

    /** Publishes with options that start from the producer's defaults. */
    public CompletableFuture<Confirmation> publishAsync(Object body, UnaryOperator<PublishOptions> options) {
        try {
            return send(body, options.apply(defaults), new CompletableFuture<>());
        } catch (IllegalArgumentException | SerializationException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Publishes asynchronously; every outcome completes the future, on {@link ConnectionOptions#completionExecutor()},
     * by default the I/O thread: do not block there. On an executor of one thread, a task that waits for the future
     * waits for itself; {@link #publish(Object, PublishOptions)} may be called there. This call may wait for room (a
     * full confirm window, a blocked connection) up to the deadline of the publish, and at most 2 ms while 512 KiB wait
     * for the transport. Cancelling the future prevents a retransmission, but does not recall a message that was sent.
     *
     * @param body as in {@link #publish(Object, PublishOptions)}; copied before this method returns
     */
    public CompletableFuture<Confirmation> publishAsync(Object body, PublishOptions options) {
        try {
            return send(body, options, new CompletableFuture<>());
        } catch (IllegalArgumentException | SerializationException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Declares the exchange of the producer's defaults, also if the connection knows that it exists. Nothing is sent
     * for an exchange that is predeclared or set to no declaration.
     *
     * @throws IllegalStateException if the options have only the exchange's name, or on the connection's I/O thread
     * @throws AmqpChannelException if the broker refuses it
     */
    public void declare() {
        BlockingCalls.refuseOn(source.inEventLoop(), "declare", "declareAsync");
        boolean unused = BlockingCalls.forReply(declareExchange(), "exchange.declare");
    }

    /** Asynchronous form of {@link #declare}. */
    public CompletableFuture<Void> declareAsync() {
        return UserFutures.of(declareExchange(), source.options()).thenAccept(sent -> {});
    }

    private CompletableFuture<Boolean> declareExchange() {
        Exchange exchange = defaults.exchangeDefinition();
        if (exchange == null && !defaults.exchange().isEmpty()) {
            throw new IllegalStateException("exchange: '" + defaults.exchange() + "' (expected: its definition)");
        }
        return publisher.declare(DeclareValidator.toSend(List.of(), exchange), true);
    }

    /**
     * Declares an entity unless the connection knows that it exists, as each publish does for its {@link
     * PublishOptions#declarations()}.
     *
     * @return whether a declaration was sent
     * @throws AmqpChannelException if the broker refuses it
     */
    public boolean maybeDeclare(Declarable entity) {
        BlockingCalls.refuseOn(source.inEventLoop(), "maybeDeclare", "maybeDeclareAsync");
        return BlockingCalls.forReply(declareIfMissing(entity), "declare");
    }

    /** Asynchronous form of {@link #maybeDeclare}. */
    public CompletableFuture<Boolean> maybeDeclareAsync(Declarable entity) {
        return UserFutures.of(declareIfMissing(entity), source.options());
    }

    private CompletableFuture<Boolean> declareIfMissing(Declarable entity) {
        return publisher.declare(DeclareValidator.toSend(DeclareValidator.checkAll(List.of(entity)), null), false);
    }

    /** Publishes; returns the future given, which completes with the outcome. */
    private CompletableFuture<Confirmation> send(
            Object body, PublishOptions given, CompletableFuture<Confirmation> future) {
        PublishOptions options = given.current(names);
        if (body instanceof byte[] bytes && options.sendsBytesUnchanged()) {
            PublishTemplate template = options.template(Raw.CONTENT_TYPE, Raw.CONTENT_ENCODING, null);
            publisher.publish(bytes, 0, bytes.length, options, template, future);
            return future;
        }
        MessageProperties properties = options.properties();
        try (EncodedBody encoded = encoder.encode(
                body,
                options.serializer(),
                properties.contentType(),
                properties.contentEncoding(),
                options.compression())) {
            publisher.publish(
                    encoded.array(),
                    encoded.offset(),
                    encoded.length(),
                    options,
                    options.template(encoded.contentType(), encoded.contentEncoding(), encoded.compression()),
                    future);
        }
        return future;
    }
}
