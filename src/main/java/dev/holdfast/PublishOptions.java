package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.frame.PublishTemplate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where a message goes, what it says of itself, and how hard to try: Kombu's arguments of {@code publish} as a value. A
 * producer's defaults are one, too. Immutable and thread-safe; withers return a copy and refuse a wrong value at once
 * with {@link IllegalArgumentException}. Made once and used for many messages it is encoded once.
 *
 * <pre>{@code
 * PublishOptions video = PublishOptions.to(media).routingKey("video").mandatory(true).retry();
 * }</pre>
 */
public final class PublishOptions {
    private static final PublishOptions DEFAULTS = new PublishOptions(new PublishSettings());

    /** Never changed once a PublishOptions holds it: its final field publishes it safely to other threads. */
    private final PublishSettings settings;

    private final MessageProperties resolved;

    /** What was encoded last; racy on purpose: it is immutable, and encoding twice does no harm. */
    private @Nullable Encoded encoded;

    private PublishOptions(PublishSettings settings) {
        this.settings = settings;
        this.resolved = settings.resolvedProperties();
    }

    /** Returns the defaults: the anon-exchange, an empty routing key, persistent, one attempt. */
    public static PublishOptions defaults() {
        return DEFAULTS;
    }

    /** Returns options that publish to this exchange. */
    public static PublishOptions to(Exchange exchange) {
        return DEFAULTS.exchange(exchange);
    }

    /** Returns options that publish to the exchange of this name (empty: the anon-exchange) with this routing key. */
    public static PublishOptions to(String exchange, String routingKey) {
        return DEFAULTS.exchange(exchange).routingKey(routingKey);
    }

    private PublishOptions with(Consumer<PublishSettings> change) {
        PublishSettings copy = settings.copy();
        change.accept(copy);
        return new PublishOptions(copy);
    }

    private PublishOptions property(UnaryOperator<MessageProperties> change) {
        MessageProperties changed = change.apply(settings.properties);
        return with(s -> s.properties = changed);
    }

    /** An encoding, and the content type, encoding and compression that it is for. */
    private record Encoded(
            String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            PublishTemplate template) {}

    /** These options encoded for a body of this type and, compressed, with the header that says how. */
    PublishTemplate template(String contentType, @Nullable String contentEncoding, @Nullable String compression) {
        Encoded last = encoded;
        if (last == null
                || !last.contentType.equals(contentType)
                || !Objects.equals(last.contentEncoding, contentEncoding)
                || !Objects.equals(last.compression, compression)) {
            requireBounded();
            PublishOptions sent = compression == null ? this : header("compression", compression);
            MessageProperties properties =
                    sent.resolved.contentType(contentType).contentEncoding(contentEncoding);
            last = new Encoded(
                    contentType,
                    contentEncoding,
                    compression,
                    PublishTemplate.of(exchange(), routingKey(), mandatory(), immediate(), properties));
            encoded = last;
        }
        return last.template;
    }

    /** Whether a body of bytes goes as it is, with the type and encoding that bytes have by themselves. */
    boolean sendsBytesUnchanged() {
        return settings.serializer == null
                && settings.compression == null
                && resolved.contentType() == null
                && resolved.contentEncoding() == null;
    }

    /** Returns the name of the exchange; empty is the anon-exchange. */
    public String exchange() {
        return settings.exchange;
    }

    /** Returns the exchange's definition, null when only its name was given. */
    public @Nullable Exchange exchangeDefinition() {
        return settings.exchangeDefinition;
    }

    /**
     * Sets the exchange. Only as a producer's default is it declared by that, see {@link #autoDeclare}; otherwise
     * {@link #declare} does.
     */
    public PublishOptions exchange(Exchange exchange) {
        requireNonNull(exchange, "exchange");
        return with(s -> {
            s.exchange = exchange.name();
            s.exchangeDefinition = exchange;
        });
    }

    /**
     * Sets the exchange by its name; empty, the default, is the anon-exchange, which routes to the queue that the
     * routing key names.
     */
    public PublishOptions exchange(String exchange) {
        Arguments.shortString("exchange", exchange);
        return with(s -> {
            s.exchange = exchange;
            s.exchangeDefinition = null;
        });
    }

    /** Returns the routing key. */
    public String routingKey() {
        return settings.routingKey;
    }

    /** Sets the routing key, at most 255 bytes of UTF-8; default empty. */
    public PublishOptions routingKey(String routingKey) {
        Arguments.shortString("routingKey", routingKey);
        return with(s -> s.routingKey = routingKey);
    }

    /** Tells whether a message that no queue takes ends in {@link UnroutableException}. */
    public boolean mandatory() {
        return settings.mandatory;
    }

    /** Sets whether a message that no queue takes ends in {@link UnroutableException}; default false: it is dropped. */
    public PublishOptions mandatory(boolean mandatory) {
        return with(s -> s.mandatory = mandatory);
    }

    /** Tells whether a message that no consumer awaits is returned. */
    public boolean immediate() {
        return settings.immediate;
    }

    /**
     * Sets whether a message that no consumer awaits is returned; default false. Where the broker is RabbitMQ, which has no
     * such thing, the publish fails with a {@link PublishException} before a byte of it is sent.
     */
    public PublishOptions immediate(boolean immediate) {
        return with(s -> s.immediate = immediate);
    }

    /** Returns the delivery mode that is sent: the one set, else the exchange's, else 2. */
    public int deliveryMode() {
        return settings.deliveryMode();
    }

    /** Sets the delivery mode: 1 transient, 2 persistent; default the exchange's, else 2. */
    public PublishOptions deliveryMode(int deliveryMode) {
        Arguments.range("deliveryMode", deliveryMode, 1, 2);
        return property(p -> p.deliveryMode(deliveryMode));
    }

    /** Sets whether the message outlives a restart of the broker: delivery mode 2, else 1. */
    public PublishOptions persistent(boolean persistent) {
        return deliveryMode(persistent ? 2 : 1);
    }

    /** Sets the priority, 0 to 255; default null: not sent. */
    public PublishOptions priority(@Nullable Integer priority) {
        if (priority != null) {
            Arguments.range("priority", priority, 0, 255);
        }
        return property(p -> p.priority(priority));
    }

    /** Returns the name of the serializer, null to choose by the body. */
    public @Nullable String serializer() {
        return settings.serializer;
    }

    /**
     * Sets the serializer by its name or content type, one of {@link ConnectionOptions#serializers()}; default null: chosen
     * by the body. The publish refuses one that is unknown with {@link SerializerNotInstalledException}.
     */
    public PublishOptions serializer(@Nullable String serializer) {
        return with(s -> s.serializer = serializer);
    }

    /** Returns the name of the compressor, null for none. */
    public @Nullable String compression() {
        return settings.compression;
    }

    /**
     * Sets what compresses the body, by its name ({@code gzip}, {@code zstd}) or content type, one of {@link
     * ConnectionOptions#compressors()}; default null: nothing. The header {@code compression} says so, as Kombu's. The
     * publish refuses one that is unknown with {@link SerializerNotInstalledException}.
     */
    public PublishOptions compression(@Nullable String compression) {
        return with(s -> s.compression = compression);
    }

    /**
     * Sets the content type. The body is then sent as it is, text or bytes, and no serializer is used; default null.
     */
    public PublishOptions contentType(@Nullable String contentType) {
        Arguments.optionalShortString("contentType", contentType);
        return property(p -> p.contentType(contentType));
    }

    /** Sets the content encoding, for a body of text its character set; default null: utf-8 for text, else binary. */
    public PublishOptions contentEncoding(@Nullable String contentEncoding) {
        Arguments.optionalShortString("contentEncoding", contentEncoding);
        return property(p -> p.contentEncoding(contentEncoding));
    }

    /** Replaces the headers; default null: none are sent. Copied, with the maps, lists and arrays in it. */
    public PublishOptions headers(@Nullable Map<String, ?> headers) {
        Map<String, Object> copy = headers == null ? null : Arguments.table("headers", headers);
        return property(p -> p.headers(copy));
    }

    /** Sets one header and keeps the others. */
    public PublishOptions header(String name, @Nullable Object value) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        if (settings.properties.headers() != null) {
            copy.putAll(settings.properties.headers());
        }
        copy.put(requireNonNull(name, "name"), value);
        return headers(copy);
    }

    /** Returns how a failed publish is tried again; {@link RetryPolicy#none()} unless set. */
    public RetryPolicy retryPolicy() {
        return settings.retryPolicy;
    }

    /**
     * Retries by {@link RetryPolicy#defaultPolicy()}: 30 retries, whose sleeps sum up to 660 s.
     *
     * @see #retry(RetryPolicy)
     */
    public PublishOptions retry() {
        return retry(RetryPolicy.defaultPolicy());
    }

    /**
     * Sets how a failed publish is tried again; default not. The publish refuses an endless policy without a timeout.
     *
     * <p>A retried message arrives at least once: one that was sent and not confirmed is sent again and may arrive twice;
     * give it a {@link #messageId(String) message id} where that matters. Messages keep their order over a lost connection;
     * one that the broker nacked goes again behind those published meanwhile.
     */
    public PublishOptions retry(RetryPolicy policy) {
        requireNonNull(policy, "policy");
        return with(s -> s.retryPolicy = policy);
    }

    /** Takes back a retry: one attempt is all there is. */
    public PublishOptions noRetry() {
        return retry(RetryPolicy.none());
    }

    /**
     * Returns what is declared before the message is sent, in this order; unmodifiable. What is never declared, such as
     * {@code amq.*} and {@code noDeclare}, is not in it.
     */
    public List<Declarable> declarations() {
        return settings.declarations;
    }

    /**
     * Sets what is declared before the message is sent, and again after a broker restart; default nothing. A queue
     * brings its exchange and its bindings along.
     */
    public PublishOptions declare(Declarable... declarations) {
        return declare(List.of(declarations));
    }

    /** Sets what is declared before the message is sent, as {@link #declare(Declarable...)} does. Copied. */
    public PublishOptions declare(List<? extends Declarable> declarations) {
        List<Declarable> copy = DeclareValidator.checked(declarations);
        return with(s -> {
            s.given = copy;
            s.resolveDeclarations();
        });
    }

    /**
     * Sets whether a producer declares its default exchange, the one of its defaults, before its first message and after
     * a reconnect: last, after {@link #declare}, which does not replace it; default true. It needs the exchange's
     * definition, not only its name. An exchange that one publish names is never declared by that.
     */
    public PublishOptions autoDeclare(boolean autoDeclare) {
        return with(s -> {
            s.autoDeclare = autoDeclare;
            s.resolveDeclarations();
        });
    }

    /** These as a producer's defaults: whatever starts from them declares their exchange, not that of another producer. */
    PublishOptions asProducerDefaults() {
        return with(s -> {
            s.producersOwn = s.exchangeDefinition;
            s.resolveDeclarations();
        });
    }

    /** Returns who is told of the message if it is returned, null for nobody. */
    public @Nullable Consumer<ReturnedMessage> onReturn() {
        return settings.onReturn;
    }

    /**
     * Sets who is told of the message if it is returned, besides the {@link UnroutableException}: on
     * {@link ConnectionOptions#deliveryExecutor()}; what it throws is logged; default null. Among a producer's defaults it
     * hears of all that the producer sends. Without confirms only {@link ConnectionOptions#onReturn} hears of returns.
     */
    public PublishOptions onReturn(@Nullable Consumer<ReturnedMessage> onReturn) {
        return with(s -> s.onReturn = onReturn);
    }

    /**
     * Returns what bounds the whole publish, retries and waiting for room included; null: the policy's number of retries
     * does, and {@link #confirmTimeout()} each attempt.
     */
    public @Nullable Duration timeout() {
        return settings.timeout;
    }

    /**
     * Sets what bounds the whole publish, retries and waiting for room included. Default null: the policy's number of
     * retries does, and {@link #confirmTimeout()} each attempt. When it is over the publish ends as {@link
     * PublishException}.
     */
    public PublishOptions timeout(@Nullable Duration timeout) {
        Duration checked = timeout == null ? null : Arguments.positive("timeout", timeout);
        return with(s -> s.timeout = checked);
    }

    /** Returns what bounds one attempt, null for the connection's {@link ConnectionOptions#confirmTimeout()}. */
    public @Nullable Duration confirmTimeout() {
        return settings.confirmTimeout;
    }

    /** Sets what bounds one attempt, sent or still waiting; default null: the connection's, 30 s unless set. */
    public PublishOptions confirmTimeout(@Nullable Duration confirmTimeout) {
        Duration checked = confirmTimeout == null ? null : Arguments.positive("confirmTimeout", confirmTimeout);
        return with(s -> s.confirmTimeout = checked);
    }

    /**
     * Sets after what time a queue may drop the message; sent in milliseconds, fractions cut off; default null: never.
     */
    public PublishOptions expiration(@Nullable Duration expiration) {
        String milliseconds = expiration == null
                ? null
                : Long.toString(Arguments.notNegative("expiration", expiration).toMillis());
        return property(p -> p.expiration(milliseconds));
    }

    /** Sets the queue that an answer goes to; default null. */
    public PublishOptions replyTo(@Nullable String replyTo) {
        Arguments.optionalShortString("replyTo", replyTo);
        return property(p -> p.replyTo(replyTo));
    }

    /** Sets the queue that an answer goes to; a server-named one must have been declared and so have its name. */
    public PublishOptions replyTo(Queue replyTo) {
        if (replyTo.name().isEmpty()) {
            throw Arguments.invalid("replyTo", replyTo, "a queue with a name; declaring a server-named one returns it");
        }
        return replyTo(replyTo.name());
    }

    /** Sets what ties an answer to its request; default null. */
    public PublishOptions correlationId(@Nullable String correlationId) {
        Arguments.optionalShortString("correlationId", correlationId);
        return property(p -> p.correlationId(correlationId));
    }

    /** Sets the application's identity of the message; default null. */
    public PublishOptions messageId(@Nullable String messageId) {
        Arguments.optionalShortString("messageId", messageId);
        return property(p -> p.messageId(messageId));
    }

    /** Sets when the message was made; the wire carries whole seconds, fractions are cut off; default null. */
    public PublishOptions timestamp(@Nullable Instant timestamp) {
        return property(p -> p.timestamp(timestamp));
    }

    /** Sets the application's name for the kind of message; default null. */
    public PublishOptions type(@Nullable String type) {
        Arguments.optionalShortString("type", type);
        return property(p -> p.type(type));
    }

    /** Sets the user who publishes; RabbitMQ refuses a name that is not the connection's user; default null. */
    public PublishOptions userId(@Nullable String userId) {
        Arguments.optionalShortString("userId", userId);
        return property(p -> p.userId(userId));
    }

    /** Sets the application that publishes; default null. */
    public PublishOptions appId(@Nullable String appId) {
        Arguments.optionalShortString("appId", appId);
        return property(p -> p.appId(appId));
    }

    /** Sets the property that is named {@code reserved} today and was the cluster id once; default null. */
    public PublishOptions clusterId(@Nullable String clusterId) {
        Arguments.optionalShortString("clusterId", clusterId);
        return property(p -> p.reserved(clusterId));
    }

    /** Returns all properties as they are sent but for those that the body decides; delivery mode is always set. */
    public MessageProperties properties() {
        return resolved;
    }

    /** Replaces all properties. The headers are copied. */
    public PublishOptions properties(MessageProperties properties) {
        PublishSettings.check(requireNonNull(properties, "properties"));
        Map<String, Object> headers = properties.headers();
        return with(s -> s.properties = properties).headers(headers);
    }

    /**
     * Returns these options if every publish with them ends in bounded time.
     *
     * @throws IllegalArgumentException if the retry policy is endless and there is no timeout
     */
    PublishOptions requireBounded() {
        if (settings.timeout == null && settings.retryPolicy.isEndless()) {
            throw Arguments.invalid("retry", settings.retryPolicy, "maxRetries(n), or a timeout for an endless policy");
        }
        return this;
    }

    /** Returns destination, properties and what bounds the publish. */
    @Override
    public String toString() {
        return "PublishOptions{exchange='" + settings.exchange + "', routingKey='" + settings.routingKey
                + "', mandatory=" + settings.mandatory + ", " + resolved + ", retry=" + settings.retryPolicy
                + ", timeout=" + settings.timeout + ", confirmTimeout=" + settings.confirmTimeout + "}";
    }
}
