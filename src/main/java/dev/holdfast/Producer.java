package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.PublishException.DeliveryStatus;
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
 * Publishes messages and knows the outcome of each.
 *
 * <p>Every publish ends in exactly one way, in bounded time:
 *
 * <ul>
 *   <li>{@link Confirmation}: the broker has taken it (without {@link ConnectionOptions#confirms(boolean) confirms}: it was
 *       handed to the transport);
 *   <li>{@link UnroutableException}: it was mandatory and no queue took it;
 *   <li>{@link NackedException}: the broker refused it;
 *   <li>{@link PublishException}: it was not confirmed; {@link PublishException#delivery()} says whether it may have
 *       arrived; {@link RetriesExhaustedException} where a policy was used up;
 *   <li>{@link AmqpChannelException}: the broker closed the channel because of this message (no such exchange, too large);
 *       {@link AmqpConnectionException}: or the whole connection. Its neighbours do not pay for it: what was not sent yet
 *       waits on, what was sent is sent again if it has a policy, else it ends as unknown;
 *   <li>{@link SerializationException} or {@link IllegalArgumentException}: it was never sent.
 * </ul>
 *
 * <p>Three forms, each blocking and asynchronous: with the producer's defaults, with options that replace them, or with
 * an operator that starts from them (Kombu's keyword arguments). Reusable options are encoded once: the fastest form.
 *
 * <p>Thread-safe. Nothing in it goes stale at a reconnect; it needs no closing.
 */
public final class Producer {
    private final ChannelSource source;
    private final Publisher publisher;
    private final PublishOptions defaults;
    private final BodyEncoder bodies;

    /** A producer without defaults on this connection or channel. */
    public Producer(ChannelSource source) {
        this(source, UnaryOperator.identity());
    }

    /**
     * A producer with defaults.
     *
     * <p>On a {@link Channel} this selects confirms and waits for the answer.
     *
     * @param defaults makes the producer's defaults from {@link PublishOptions#defaults()}
     * @throws IllegalStateException if the channel is in tx mode
     * @throws SerializerNotInstalledException if the connection has no such serializer or compressor
     */
    public Producer(ChannelSource source, UnaryOperator<PublishOptions> defaults) {
        this.source = requireNonNull(source, "source");
        this.publisher = source.publisher();
        this.defaults = defaults.apply(PublishOptions.defaults()).asProducerDefaults();
        this.bodies =
                new BodyEncoder(source.options().serializers(), source.options().compressors());
        bodies.require(this.defaults.serializer(), this.defaults.compression());
    }

    /** The options that apply where a publish brings none of its own. */
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
     * @param body a {@code byte[]} or {@code ByteBuffer} as it is, a {@code String} as text, anything else by the serializer,
     *     JSON unless another is named
     * @throws IllegalStateException on an I/O thread, which may not wait
     */
    public Confirmation publish(Object body, PublishOptions options) {
        BlockingCalls.refuseOn(source.inEventLoop(), "publish", "publishAsync");
        CompletableFuture<Confirmation> future = send(body, options);
        try {
            return future.get();
        } catch (InterruptedException e) {
            DeliveryStatus delivery = publisher.giveUp(future);
            Thread.currentThread().interrupt();
            if (!future.isCancelled()) {
                return outcome(future); // it came first
            }
            throw new PublishException("interrupted while waiting for the confirm", e, delivery);
        } catch (ExecutionException e) {
            throw BlockingCalls.callerException(e);
        }
    }

    private static Confirmation outcome(CompletableFuture<Confirmation> done) {
        try {
            return done.join();
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
            return send(body, options.apply(defaults));
        } catch (IllegalArgumentException | SerializationException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Publishes; the future tells every outcome. It completes on {@link ConnectionOptions#completionExecutor()}, by default
     * the I/O thread: do not block there. This call itself may wait for room (a full window, a blocked connection), up to
     * the publish's deadline; and while 512 KiB are before it, 2 ms at the most. Cancelling the future
     * drops the message from replay, not from the wire.
     *
     * @param body as in {@link #publish(Object, PublishOptions)}; copied before this returns
     */
    public CompletableFuture<Confirmation> publishAsync(Object body, PublishOptions options) {
        try {
            return send(body, options);
        } catch (IllegalArgumentException | SerializationException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Declares the producer's default exchange, whether it is known to stand or not; an exchange that is never declared
     * sends nothing.
     *
     * @throws IllegalStateException if only its name is known, or on an I/O thread
     * @throws AmqpChannelException if the broker refuses it
     */
    public void declare() {
        BlockingCalls.refuseOn(source.inEventLoop(), "declare", "declareAsync");
        Void unused = BlockingCalls.forReply(declareAsync(), "exchange.declare");
    }

    /** Asynchronous form of {@link #declare}. */
    public CompletableFuture<Void> declareAsync() {
        Exchange exchange = defaults.exchangeDefinition();
        if (exchange == null && !defaults.exchange().isEmpty()) {
            throw new IllegalStateException("exchange: '" + defaults.exchange() + "' (expected: its definition)");
        }
        return publisher
                .declare(DeclareValidator.toSend(List.of(), exchange), true)
                .thenAccept(sent -> {});
    }

    /**
     * Declares an entity unless it is known to stand: each publish does that for its own
     * {@link PublishOptions#declarations()}.
     *
     * @return whether anything was sent
     * @throws AmqpChannelException if the broker refuses it
     */
    public boolean maybeDeclare(Declarable entity) {
        BlockingCalls.refuseOn(source.inEventLoop(), "maybeDeclare", "maybeDeclareAsync");
        return BlockingCalls.forReply(maybeDeclareAsync(entity), "declare");
    }

    /** Asynchronous form of {@link #maybeDeclare}. */
    public CompletableFuture<Boolean> maybeDeclareAsync(Declarable entity) {
        return publisher.declare(DeclareValidator.toSend(DeclareValidator.checkAll(List.of(entity)), null), false);
    }

    private CompletableFuture<Confirmation> send(Object body, PublishOptions options) {
        if (body instanceof byte[] bytes && options.sendsBytesUnchanged()) {
            return publisher.publish(bytes, options, options.template(Raw.CONTENT_TYPE, Raw.CONTENT_ENCODING, null));
        }
        MessageProperties properties = options.properties();
        try (EncodedBody encoded = bodies.encode(
                body,
                options.serializer(),
                properties.contentType(),
                properties.contentEncoding(),
                options.compression())) {
            return publisher.publish(
                    encoded.array(),
                    encoded.offset(),
                    encoded.length(),
                    options,
                    options.template(encoded.contentType(), encoded.contentEncoding(), encoded.compression()));
        }
    }
}
