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
 * The destination, properties, retries and timeouts of a publish: Kombu's arguments of {@code publish} as a value, also
 * used for a producer's defaults. Immutable and thread-safe; each wither returns a copy, and throws {@link
 * IllegalArgumentException} for an invalid value. Options that are reused for many messages are encoded once.
 *
 * <pre>{@code
 * PublishOptions video = PublishOptions.to(media).routingKey("video").mandatory(true).retry();
 * }</pre>
 */
public final class PublishOptions {
    private static final PublishOptions DEFAULTS = new PublishOptions(new PublishSettings());

    /** Not changed after construction of this object: its final field publishes it safely to other threads. */
    private final PublishSettings settings;

    private final MessageProperties resolved;

    /** The last encoding. A benign race: it is immutable, and a second encoding only costs time. */
    private @Nullable Encoding lastEncoding;

    private @Nullable PublishOptions renamed;

    private PublishOptions(PublishSettings settings) {
        this.settings = settings;
        this.resolved = settings.resolvedProperties();
    }

    /** Returns the defaults: the default exchange, an empty routing key, persistent, one attempt. */
    public static PublishOptions defaults() {
        return DEFAULTS;
    }

    /** Returns options that publish to this exchange. */
    public static PublishOptions to(Exchange exchange) {
        return DEFAULTS.exchange(exchange);
    }

    /** Returns options that publish to the exchange of this name (empty: default exchange) with this routing key. */
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

    /** An encoded template, with the content type, content encoding and compression that it was made for. */
    private record Encoding(
            String contentType,
            @Nullable String contentEncoding,
            @Nullable String compression,
            PublishTemplate template) {}

    /** Returns these options encoded for a body of this type; with a compression the header {@code compression} too. */
    PublishTemplate template(String contentType, @Nullable String contentEncoding, @Nullable String compression) {
        Encoding last = lastEncoding;
        if (last == null
                || !last.contentType.equals(contentType)
                || !Objects.equals(last.contentEncoding, contentEncoding)
                || !Objects.equals(last.compression, compression)) {
            requireBounded();
            PublishOptions options = compression == null ? this : header("compression", compression);
            MessageProperties properties =
                    options.resolved.contentType(contentType).contentEncoding(contentEncoding);
            last = new Encoding(
                    contentType,
                    contentEncoding,
                    compression,
                    PublishTemplate.of(exchange(), routingKey(), mandatory(), immediate(), properties));
            lastEncoding = last;
        }
        return last.template;
    }

    /** Returns whether a body of bytes is sent unchanged, with the default content type and encoding of bytes. */
    boolean sendsBytesUnchanged() {
        return settings.serializer == null
                && settings.compression == null
                && resolved.contentType() == null
                && resolved.contentEncoding() == null;
    }

    /** Returns the name of the exchange; empty for the default exchange. */
    public String exchange() {
        return settings.exchange;
    }

    /** Returns the definition of the exchange, null if only its name is set. */
    public @Nullable Exchange exchangeDefinition() {
        return settings.exchangeDefinition;
    }

    /** Sets the exchange. Only a producer's defaults declare it ({@link #autoDeclare}), else see {@link #declare}. */
    public PublishOptions exchange(Exchange exchange) {
        requireNonNull(exchange, "exchange");
        return with(s -> {
            s.exchange = exchange.name();
            s.exchangeDefinition = exchange;
        });
    }

    /**
     * Sets the exchange by its name; empty, the default, is the default exchange, which routes to the queue that the
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

    /** Returns whether the publish of an unroutable message fails with {@link UnroutableException}. */
    public boolean mandatory() {
        return settings.mandatory;
    }

    /**
     * Sets whether the publish of an unroutable message fails with {@link UnroutableException}; default false: the
     * broker drops the message.
     */
    public PublishOptions mandatory(boolean mandatory) {
        return with(s -> s.mandatory = mandatory);
    }

    /** Returns whether the broker returns a message that it cannot deliver to a consumer immediately. */
    public boolean immediate() {
        return settings.immediate;
    }

    /**
     * Sets whether the broker returns a message that it cannot deliver to a consumer immediately; default false.
     * RabbitMQ does not support this: with RabbitMQ the publish fails with a {@link PublishException} before a byte is
     * sent.
     */
    public PublishOptions immediate(boolean immediate) {
        return with(s -> s.immediate = immediate);
    }

    /** Returns the delivery mode to send: the one set here, else that of the exchange, else 2. */
    public int deliveryMode() {
        return settings.deliveryMode();
    }

    /** Sets the delivery mode: 1 transient, 2 persistent; default that of the exchange, else 2. */
    public PublishOptions deliveryMode(int deliveryMode) {
        Arguments.range("deliveryMode", deliveryMode, 1, 2);
        return property(p -> p.deliveryMode(deliveryMode));
    }

    /** Sets the delivery mode: 2 if the message shall survive a restart of the broker, else 1. */
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

    /** Returns the name of the serializer, null for the one that suits the body. */
    public @Nullable String serializer() {
        return settings.serializer;
    }

    /**
     * Sets the serializer by its name or content type, one of {@link ConnectionOptions#serializers()}; default null:
     * the type of the body decides. With an unknown serializer the publish fails with {@link
     * SerializerNotInstalledException}.
     */
    public PublishOptions serializer(@Nullable String serializer) {
        return with(s -> s.serializer = serializer);
    }

    /** Returns the name of the compressor, null for none. */
    public @Nullable String compression() {
        return settings.compression;
    }

    /**
     * Sets the compressor of the body by its name ({@code gzip}, {@code zstd}) or content type, one of {@link
     * ConnectionOptions#compressors()}; default null: no compression. As in Kombu, the header {@code compression} names
     * it. With an unknown compressor the publish fails with {@link SerializerNotInstalledException}.
     */
    public PublishOptions compression(@Nullable String compression) {
        return with(s -> s.compression = compression);
    }

    /**
     * Sets the content type; default null. With a content type text and bytes are sent unchanged; any other body is
     * serialized, by the serializer that is set or else that of the type ({@code application/vnd.acme+json}: json).
     */
    public PublishOptions contentType(@Nullable String contentType) {
        Arguments.optionalShortString("contentType", contentType);
        return property(p -> p.contentType(contentType));
    }

    /**
     * Sets the content encoding; default null: utf-8 for text, else binary. For text a character set. A coding, such as
     * {@code gzip} or {@code br}, compresses text and serialized bodies as in HTTP; bytes are sent unchanged.
     */
    public PublishOptions contentEncoding(@Nullable String contentEncoding) {
        Arguments.optionalShortString("contentEncoding", contentEncoding);
        return property(p -> p.contentEncoding(contentEncoding));
    }

    /**
     * Replaces the headers; null or an empty map, the default: none are sent. The map is copied, with the maps, lists
     * and arrays in it. Values are text, booleans, numbers, Instant (1970 to 9999), byte[], lists, maps and null. An
     * integer is sent in 32 bits if it fits, else in 64.
     *
     * @throws IllegalArgumentException for any other value, such as NaN or half a surrogate pair; it names the place
     */
    public PublishOptions headers(@Nullable Map<String, ?> headers) {
        Map<String, Object> copy = headers == null ? null : Arguments.table("headers", headers);
        return property(p -> p.headers(copy));
    }

    /** Sets one header and keeps the others. */
    public PublishOptions header(String name, @Nullable Object value) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>(settings.properties.headers());
        copy.put(requireNonNull(name, "name"), value);
        return headers(copy);
    }

    /** Returns the retry policy of a failed publish; default {@link RetryPolicy#none()}. */
    public RetryPolicy retryPolicy() {
        return settings.retryPolicy;
    }

    /** {@linkplain #retry(RetryPolicy) Retries} by {@link RetryPolicy#defaultPolicy()}: 30 times, waits of 660 s. */
    public PublishOptions retry() {
        return retry(RetryPolicy.defaultPolicy());
    }

    /**
     * Sets the retry policy of a failed publish; default {@link RetryPolicy#none()}. A publish with an endless policy
     * and no {@link #timeout(Duration) timeout} throws {@link IllegalArgumentException}.
     *
     * <p>A retried message arrives at least once: a message that was sent and not confirmed is sent again and may
     * arrive twice; a {@link #messageId(String) message id} lets the consumer detect that. Messages keep their order
     * across a lost connection; a message that the broker nacked is sent again after those published in the meantime.
     */
    public PublishOptions retry(RetryPolicy policy) {
        requireNonNull(policy, "policy");
        return with(s -> s.retryPolicy = policy);
    }

    /** Sets the retry policy to {@link RetryPolicy#none()}: one attempt. */
    public PublishOptions noRetry() {
        return retry(RetryPolicy.none());
    }

    /**
     * Returns the entities to declare before the message is sent, in this order; unmodifiable. The list omits entities
     * that are never declared: exchanges {@code amq.*} and entities with {@code noDeclare}.
     */
    public List<Declarable> declarations() {
        return settings.declarations;
    }

    /**
     * Sets the entities to declare before the message is sent, and again after a restart of the broker; default none. A
     * queue includes its exchange and its bindings.
     *
     * <p>Entities that are known to be declared are not declared before each message. If another client deletes a
     * queue, the return of a {@link #mandatory(boolean) mandatory} message shows it: the next publish, or the retry of
     * this one, declares the queue again. The broker confirms and drops a message that is not mandatory.
     */
    public PublishOptions declare(Declarable... declarations) {
        return declare(List.of(declarations));
    }

    /** Sets the entities to declare, as {@link #declare(Declarable...)} does. The list is copied. */
    public PublishOptions declare(List<? extends Declarable> declarations) {
        List<Declarable> copy = DeclareValidator.checkAll(declarations);
        return with(s -> {
            s.requestedDeclarations = copy;
            s.resolveDeclarations();
        });
    }

    /**
     * Sets whether a producer declares the exchange of its defaults before its first message and
     * after a reconnect; default true. As in Kombu, it comes last, in addition to the entities of {@link #declare}. An
     * exchange that is given by its name only, or set for a single publish, is not declared.
     */
    public PublishOptions autoDeclare(boolean autoDeclare) {
        return with(s -> {
            s.autoDeclare = autoDeclare;
            s.resolveDeclarations();
        });
    }

    /** Returns a producer's defaults: options derived from them declare this exchange, not that of another producer. */
    PublishOptions asProducerDefaults() {
        return with(s -> {
            s.producerExchange = s.exchangeDefinition;
            s.resolveDeclarations();
        });
    }

    /** Returns the callback for a return of the message, null for none. */
    public @Nullable Consumer<ReturnedMessage> onReturn() {
        return settings.onReturn;
    }

    /**
     * Sets a callback for a return of the message, in addition to the {@link UnroutableException}; default null. It
     * runs on {@link ConnectionOptions#deliveryExecutor()}; its exceptions are logged. In a producer's defaults it
     * receives the returns of every message of the producer. Without confirms only {@link ConnectionOptions#onReturn}
     * receives returns.
     */
    public PublishOptions onReturn(@Nullable Consumer<ReturnedMessage> onReturn) {
        return with(s -> s.onReturn = onReturn);
    }

    /**
     * Returns the time limit of the whole publish, with retries and waits for admission; null: the retry policy limits
     * the attempts, and {@link #confirmTimeout()} each of them.
     */
    public @Nullable Duration timeout() {
        return settings.timeout;
    }

    /**
     * Sets the time limit of the whole publish, with retries and waits for admission; above 0, at most 3650 days. When
     * it expires, the publish fails with {@link PublishException}. Default null: the retry policy limits the attempts,
     * and {@link #confirmTimeout()} each of them.
     */
    public PublishOptions timeout(@Nullable Duration timeout) {
        Duration checked = timeout == null ? null : Arguments.positive("timeout", timeout);
        return with(s -> s.timeout = checked);
    }

    /** Returns the time limit of one attempt, null for {@link ConnectionOptions#confirmTimeout()}. */
    public @Nullable Duration confirmTimeout() {
        return settings.confirmTimeout;
    }

    /**
     * Sets the time limit of one attempt; above 0, at most 3650 days; default null: {@link
     * ConnectionOptions#confirmTimeout()}, which is 30 s by default. Without a retry policy it begins with the publish,
     * even if that waits for a link. With one it begins when the message is sent, and time in which the broker blocks
     * the connection or pauses the channel does not count.
     */
    public PublishOptions confirmTimeout(@Nullable Duration confirmTimeout) {
        Duration checked = confirmTimeout == null ? null : Arguments.positive("confirmTimeout", confirmTimeout);
        return with(s -> s.confirmTimeout = checked);
    }

    /** Sets when a queue may drop the message, after 0 to 3650 days, cut to milliseconds; default null: never. */
    public PublishOptions expiration(@Nullable Duration expiration) {
        String milliseconds = expiration == null
                ? null
                : Long.toString(Arguments.notNegative("expiration", expiration).toMillis());
        return property(p -> p.expiration(milliseconds));
    }

    /** Sets the name of the queue for replies; default null. */
    public PublishOptions replyTo(@Nullable String replyTo) {
        Arguments.optionalShortString("replyTo", replyTo);
        return property(p -> p.replyTo(replyTo)).with(s -> s.repliesToQueue = false);
    }

    /** Sets the queue for replies, which needs a name, as a declared one has. A new name after a reconnect is used. */
    public PublishOptions replyTo(Queue replyTo) {
        if (replyTo.name().isEmpty()) {
            throw Arguments.invalid("replyTo", replyTo, "a queue with a name; declaring a server-named one returns it");
        }
        return replyTo(replyTo.name()).with(s -> s.repliesToQueue = true);
    }

    /** Returns these options with the present name of the queue for replies. */
    PublishOptions current(UnaryOperator<String> names) {
        String given = settings.repliesToQueue ? settings.properties.replyTo() : null;
        String name = given == null ? null : names.apply(given);
        if (Objects.equals(given, name)) {
            return this;
        }
        PublishOptions last = renamed;
        if (last == null || !Objects.equals(last.settings.properties.replyTo(), name)) {
            last = replyTo(name);
            renamed = last;
        }
        return last;
    }

    /** Sets the id that relates a reply to its request; default null. */
    public PublishOptions correlationId(@Nullable String correlationId) {
        Arguments.optionalShortString("correlationId", correlationId);
        return property(p -> p.correlationId(correlationId));
    }

    /** Sets the application's id of the message; default null. */
    public PublishOptions messageId(@Nullable String messageId) {
        Arguments.optionalShortString("messageId", messageId);
        return property(p -> p.messageId(messageId));
    }

    /** Sets the creation time of the message, 1970 to 9999, sent in whole seconds; default null. */
    public PublishOptions timestamp(@Nullable Instant timestamp) {
        Arguments.optionalTime("timestamp", timestamp);
        return property(p -> p.timestamp(timestamp));
    }

    /** Sets the application's name for the kind of message; default null. */
    public PublishOptions type(@Nullable String type) {
        Arguments.optionalShortString("type", type);
        return property(p -> p.type(type));
    }

    /** Sets the publishing user; RabbitMQ refuses a name other than the connection's user; default null. */
    public PublishOptions userId(@Nullable String userId) {
        Arguments.optionalShortString("userId", userId);
        return property(p -> p.userId(userId));
    }

    /** Sets the publishing application; default null. */
    public PublishOptions appId(@Nullable String appId) {
        Arguments.optionalShortString("appId", appId);
        return property(p -> p.appId(appId));
    }

    /** Sets the property that AMQP 0-9-1 names {@code reserved} and earlier versions the cluster id; default null. */
    public PublishOptions clusterId(@Nullable String clusterId) {
        Arguments.optionalShortString("clusterId", clusterId);
        return property(p -> p.reserved(clusterId));
    }

    /** Returns the properties to send, without those that depend on the body; the delivery mode is always set. */
    public MessageProperties properties() {
        return resolved;
    }

    /** Replaces all properties. The headers are copied. */
    public PublishOptions properties(MessageProperties properties) {
        PublishSettings.check(requireNonNull(properties, "properties"));
        Map<String, Object> headers = properties.headers();
        return with(s -> s.properties = properties).headers(headers);
    }

    /** Returns these options, or refuses an endless retry policy without a timeout. */
    PublishOptions requireBounded() {
        if (settings.timeout == null && settings.retryPolicy.isEndless()) {
            throw Arguments.invalid("retry", settings.retryPolicy, "maxRetries(n), or a timeout for an endless policy");
        }
        return this;
    }

    /** Returns destination, properties, retry policy and time limits. */
    @Override
    public String toString() {
        return "PublishOptions{exchange='" + settings.exchange + "', routingKey='" + settings.routingKey
                + "', mandatory=" + settings.mandatory + ", " + resolved + ", retry=" + settings.retryPolicy
                + ", timeout=" + settings.timeout + ", confirmTimeout=" + settings.confirmTimeout + "}";
    }
}
