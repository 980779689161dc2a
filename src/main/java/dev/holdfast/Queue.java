package dev.holdfast;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The definition of a queue and, as in Kombu, of the exchange and routing key of its binding. Declaring it declares the
 * exchange, then the queue, then binds them, then declares each further binding. Immutable and thread-safe; withers
 * return a copy. By default a queue is {@link #durable(boolean) durable}. Equality compares the whole definition,
 * without {@link #onDeclared}.
 */
public final class Queue implements Declarable {
    private static final int MAX_PRIORITY = 255;

    private final String name;
    private final Exchange exchange;
    private final String routingKey;
    private final QueueSettings settings;

    private Queue(String name, Exchange exchange, String routingKey, QueueSettings settings) {
        this.name = name;
        this.exchange = exchange;
        this.routingKey = routingKey;
        this.settings = settings;
    }

    /** Returns a queue without bindings. The default exchange routes to it by its name, as to every queue. */
    public static Queue of(String name) {
        return of(name, Exchange.ANONYMOUS, "");
    }

    /**
     * Returns a queue that is bound to the exchange with the routing key.
     *
     * @throws IllegalArgumentException if the name is empty, or name or key exceeds 255 bytes of UTF-8
     */
    public static Queue of(String name, Exchange exchange, String routingKey) {
        if (Arguments.shortString("queue name", name).isEmpty()) {
            throw Arguments.invalid("queue name", "''", "a name, or Queue.serverNamed()");
        }
        return unnamed().bound(exchange, routingKey).named(name);
    }

    /** Returns a queue with these bindings, declared in this order; their destination becomes this queue. */
    public static Queue of(String name, List<Binding> bindings) {
        return of(name).bindings(bindings);
    }

    /**
     * Returns a queue that the broker names: exclusive, so the broker deletes it with the connection, and not durable.
     * Declaring it returns a copy with the name. The broker chooses a new name after each reconnect; the copy stays a
     * handle of the queue ({@link Channel}).
     */
    public static Queue serverNamed() {
        return unnamed().durable(false).exclusive(true);
    }

    private static Queue unnamed() {
        return new Queue("", Exchange.ANONYMOUS, "", new QueueSettings());
    }

    private Queue with(Consumer<QueueSettings> change) {
        QueueSettings copy = settings.copy();
        change.accept(copy);
        return new Queue(name, exchange, routingKey, copy);
    }

    private Queue typedArgument(String argument, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(settings.typedArguments);
        copy.put(argument, value);
        return with(s -> s.typedArguments = copy);
    }

    /** Returns an argument that a typed method set, null for none; {@link #argument} is not checked. */
    @Nullable
    Object typedArgument(String argument) {
        return settings.typedArguments.get(argument);
    }

    /** Whether it is defined as a stream of RabbitMQ. */
    boolean isStream() {
        return "stream".equals(arguments().get("x-queue-type"));
    }

    /** Returns the name; empty if the broker chooses it. */
    public String name() {
        return name;
    }

    /** Sets the name, such as the one that the broker chose; empty if the broker chooses it. */
    public Queue named(String name) {
        return new Queue(Arguments.shortString("queue name", name), exchange, routingKey, settings);
    }

    /** Returns the exchange that the queue is bound to; {@link Exchange#ANONYMOUS} for no binding. */
    public Exchange exchange() {
        return exchange;
    }

    /** Returns the routing key of the binding to {@link #exchange()}. */
    public String routingKey() {
        return routingKey;
    }

    /** Sets the exchange that the queue is bound to, and the routing key of that binding. */
    public Queue bound(Exchange exchange, String routingKey) {
        requireNonNull(exchange, "exchange");
        return new Queue(name, exchange, Arguments.shortString("routingKey", routingKey), settings);
    }

    /**
     * Returns all bindings in the order of their declaration, each with this queue as its destination: first the one to
     * {@link #exchange()}, unless that is the default exchange, then the further ones. Unmodifiable.
     */
    public List<Binding> bindings() {
        List<Binding> bindings = new ArrayList<>();
        if (!exchange.name().isEmpty()) {
            bindings.add(Binding.of(exchange, routingKey).toQueue(name).arguments(settings.bindingArguments));
        }
        settings.furtherBindings.forEach(binding -> bindings.add(binding.toQueue(name)));
        return Collections.unmodifiableList(bindings);
    }

    /** Replaces the further bindings; their destination becomes this queue. Default none. The list is copied. */
    public Queue bindings(List<Binding> bindings) {
        List<Binding> copy = List.copyOf(bindings);
        return with(s -> s.furtherBindings = copy);
    }

    /** Sets the arguments of the binding to {@link #exchange()}, such as those that a headers exchange matches. */
    public Queue bindingArguments(Map<String, ?> arguments) {
        Map<String, Object> copy = Arguments.table("bindingArguments", arguments);
        return with(s -> s.bindingArguments = copy);
    }

    /** Returns whether the queue survives a restart of the broker. */
    public boolean durable() {
        return settings.durable;
    }

    /** Sets whether the queue survives a restart of the broker; default true. */
    public Queue durable(boolean durable) {
        return with(s -> s.durable = durable);
    }

    /** Returns whether only the connection that declared the queue may use it. */
    public boolean exclusive() {
        return settings.exclusive;
    }

    /**
     * Sets whether only the declaring connection may use the queue, which is deleted with that connection; default
     * false.
     */
    public Queue exclusive(boolean exclusive) {
        return with(s -> s.exclusive = exclusive);
    }

    /** Returns whether the broker deletes the queue when its last consumer ends. */
    public boolean autoDelete() {
        return settings.isAutoDelete();
    }

    /** Sets whether the broker deletes the queue when its last consumer ends; default: as {@link #exclusive()}. */
    public Queue autoDelete(boolean autoDelete) {
        return with(s -> s.autoDelete = autoDelete);
    }

    /** Returns whether declaring only checks that a queue of this name exists. */
    public boolean passive() {
        return settings.passive;
    }

    /** Sets whether declaring only checks that a queue of this name exists; default false. */
    public Queue passive(boolean passive) {
        return with(s -> s.passive = passive);
    }

    /** Returns whether declaring sends nothing, because another application declares the queue. */
    public boolean noDeclare() {
        return settings.noDeclare;
    }

    /** Sets whether declaring sends nothing, neither for the queue nor its exchange nor its bindings; default false. */
    public Queue noDeclare(boolean noDeclare) {
        return with(s -> s.noDeclare = noDeclare);
    }

    /** Returns the callback for each declaration, null for none. */
    public @Nullable Consumer<QueueInfo> onDeclared() {
        return settings.onDeclared;
    }

    /**
     * Sets a callback for each reply of the broker to a declaration of this queue, also after a reconnect; default
     * null. It is called before the queue is bound and runs on {@link ConnectionOptions#deliveryExecutor()}; its
     * exceptions are logged. Equality ignores the callback, so a publish that finds the queue declared does not call
     * it.
     */
    public Queue onDeclared(@Nullable Consumer<QueueInfo> onDeclared) {
        return with(s -> s.onDeclared = onDeclared);
    }

    /** Returns whether the queue's consumers use {@link ConsumeOptions#noAck}. */
    public boolean noAck() {
        return settings.noAck;
    }

    /**
     * Sets the default of {@link ConsumeOptions#noAck} for a {@link dev.holdfast.Consumer} and {@link
     * ConsumeOptions#of}: the broker considers a message acknowledged once it is sent; default false.
     */
    public Queue noAck(boolean noAck) {
        return with(s -> s.noAck = noAck);
    }

    /** Returns the arguments of the queue's consumers, unmodifiable. */
    public Map<String, Object> consumerArguments() {
        return settings.consumerArguments;
    }

    /**
     * Replaces the arguments that a {@link dev.holdfast.Consumer} and {@link ConsumeOptions#of} start with; default
     * none. The map is copied.
     */
    public Queue consumerArguments(Map<String, ?> arguments) {
        Map<String, Object> copy = Arguments.table("consumerArguments", arguments);
        return with(s -> s.consumerArguments = copy);
    }

    /** Returns the application's own name for the queue, empty for none. */
    public String alias() {
        return settings.alias;
    }

    /** Sets the application's own name for the queue, such as a server-named one; never sent; default empty. */
    public Queue alias(String alias) {
        requireNonNull(alias, "alias");
        return with(s -> s.alias = alias);
    }

    /** Returns the arguments, including those of the typed methods; unmodifiable. */
    public Map<String, Object> arguments() {
        Map<String, Object> merged = new LinkedHashMap<>(settings.arguments);
        merged.putAll(settings.typedArguments);
        return Collections.unmodifiableMap(merged);
    }

    /**
     * Replaces the arguments; default none. Typed methods such as {@link #expires} override them. The map is copied.
     */
    public Queue arguments(Map<String, ?> arguments) {
        Map<String, Object> copy = Arguments.table("arguments", arguments);
        return with(s -> s.arguments = copy);
    }

    /** Sets one argument; a typed method such as {@link #expires} overrides it. */
    public Queue argument(String name, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(settings.arguments);
        copy.put(Arguments.shortString("argument name", name), Arguments.tableValue("argument " + name, value));
        return with(s -> s.arguments = copy);
    }

    /** Deletes the queue after it was unused for this long: {@code x-expires}, in milliseconds, at least 1. */
    public Queue expires(Duration expires) {
        return typedArgument("x-expires", number(Arguments.atLeast("expires ms", milliseconds("expires", expires), 1)));
    }

    /** Drops messages that have waited for this long: {@code x-message-ttl}, in milliseconds, at least 0. */
    public Queue messageTtl(Duration messageTtl) {
        return typedArgument("x-message-ttl", number(milliseconds("messageTtl", messageTtl)));
    }

    /** Limits the number of ready messages: {@code x-max-length}, at least 0. */
    public Queue maxLength(long maxLength) {
        return typedArgument("x-max-length", number(Arguments.atLeast("maxLength", maxLength, 0)));
    }

    /** Limits the total body size of ready messages: {@code x-max-length-bytes}, at least 0. */
    public Queue maxLengthBytes(long maxLengthBytes) {
        return typedArgument("x-max-length-bytes", number(Arguments.atLeast("maxLengthBytes", maxLengthBytes, 0)));
    }

    /** Delivers messages of higher priority first, up to this priority, 1 to 255: {@code x-max-priority}. */
    public Queue maxPriority(int maxPriority) {
        return typedArgument("x-max-priority", Arguments.range("maxPriority", maxPriority, 1, MAX_PRIORITY));
    }

    /**
     * Makes it a replicated quorum queue of RabbitMQ: {@code x-queue-type=quorum}. Declaring throws {@link
     * IllegalArgumentException} if it is not durable, is exclusive, or has an argument that a quorum queue cannot have.
     */
    public Queue quorum() {
        return typedArgument("x-queue-type", "quorum");
    }

    /** Sets the initial number of replicas of a quorum queue, at least 1: {@code x-quorum-initial-group-size}. */
    public Queue quorumInitialGroupSize(int nodes) {
        return typedArgument(
                "x-quorum-initial-group-size", Arguments.range("quorumInitialGroupSize", nodes, 1, Integer.MAX_VALUE));
    }

    /**
     * Drops or dead-letters a message after more than this many failed deliveries: {@code x-delivery-limit} (quorum).
     * Default: RabbitMQ 4 limits to 20, RabbitMQ 3 not. -1 is no limit, for RabbitMQ 4 only: RabbitMQ 3 drops a message
     * at its first failed delivery then. See {@link Channel#reject}; a channel that ends with it fails it too.
     */
    public Queue deliveryLimit(int deliveries) {
        return typedArgument("x-delivery-limit", Arguments.range("deliveryLimit", deliveries, -1, Integer.MAX_VALUE));
    }

    /** Sets where the first leader is, {@code client-local} or {@code balanced}: {@code x-queue-leader-locator}. */
    public Queue leaderLocator(String locator) {
        return typedArgument(
                "x-queue-leader-locator", Arguments.oneOf("leaderLocator", locator, "client-local", "balanced"));
    }

    /**
     * Makes it a stream of RabbitMQ, which retains consumed messages: {@code x-queue-type=stream}. Declaring throws
     * {@link IllegalArgumentException} if it is not durable, is exclusive or autoDelete, or has an argument that a
     * stream cannot have. Consuming with noAck and {@link SimpleQueue} are refused. After a reconnect a consumer goes
     * on at the first message that it has not settled, else behind the last one.
     */
    public Queue stream() {
        return typedArgument("x-queue-type", "stream");
    }

    /** Limits the age of a stream's messages, at least 1 s, fractions cut off: {@code x-max-age}, as {@code 3600s}. */
    public Queue maxAge(Duration maxAge) {
        long seconds = Arguments.notNegative("maxAge", maxAge).toSeconds();
        return typedArgument("x-max-age", Arguments.atLeast("maxAge s", seconds, 1) + "s");
    }

    /** Sets the size of a stream's segment files in bytes, at least 1: {@code x-stream-max-segment-size-bytes}. */
    public Queue streamMaxSegmentSizeBytes(long bytes) {
        return typedArgument(
                "x-stream-max-segment-size-bytes", number(Arguments.atLeast("streamMaxSegmentSizeBytes", bytes, 1)));
    }

    /**
     * Stores messages on disk in RabbitMQ before 3.12: {@code x-queue-mode=lazy}. For classic queues only: where
     * another type is the default of the virtual host, set {@code argument("x-queue-type", "classic")} too.
     */
    public Queue lazy() {
        return typedArgument("x-queue-mode", "lazy");
    }

    /** Sets the exchange for rejected, expired and overflowing messages: {@code x-dead-letter-exchange}. */
    public Queue deadLetterExchange(String exchange) {
        return typedArgument("x-dead-letter-exchange", Arguments.shortString("deadLetterExchange", exchange));
    }

    /** Sets the routing key of dead-lettered messages; default the message's own: {@code x-dead-letter-routing-key}. */
    public Queue deadLetterRoutingKey(String routingKey) {
        return typedArgument("x-dead-letter-routing-key", Arguments.shortString("deadLetterRoutingKey", routingKey));
    }

    /**
     * Sets the guarantee of a quorum queue's dead-lettering, {@code at-most-once} or {@code at-least-once}; the latter
     * needs {@link #rejectPublishWhenFull}: {@code x-dead-letter-strategy}.
     */
    public Queue deadLetterStrategy(String strategy) {
        return typedArgument(
                "x-dead-letter-strategy",
                Arguments.oneOf("deadLetterStrategy", strategy, "at-most-once", "at-least-once"));
    }

    /**
     * Sets the behaviour of a full queue, {@code drop-head}, {@code reject-publish} or {@code reject-publish-dlx}:
     * {@code x-overflow}.
     */
    public Queue overflow(String overflow) {
        return typedArgument(
                "x-overflow",
                Arguments.oneOf("overflow", overflow, "drop-head", "reject-publish", "reject-publish-dlx"));
    }

    /** Makes a full queue nack new messages instead of dropping old ones: {@code x-overflow=reject-publish}. */
    public Queue rejectPublishWhenFull() {
        return overflow("reject-publish");
    }

    /** Delivers to one consumer at a time, the others are on standby: {@code x-single-active-consumer}. */
    public Queue singleActiveConsumer() {
        return typedArgument("x-single-active-consumer", true);
    }

    private static long milliseconds(String name, Duration duration) {
        return Arguments.notNegative(name, duration).toMillis();
    }

    /** Returns an Integer if the value fits, else a Long: as in Kombu, the smaller wire type. */
    private static Object number(long value) {
        if (value == (int) value) {
            return (int) value;
        }
        return value;
    }

    /**
     * Returns the definition with the keys of Kombu's {@code as_dict(recurse=True)}, and {@code passive}; for JSON or a
     * configuration file. {@link #onDeclared} is not part of it. Arguments of typed methods without a Kombu key, such
     * as {@link #quorum}, are in {@code queue_arguments}.
     */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("exchange", exchange.toMap());
        map.put("routing_key", routingKey);
        settings.putInto(map);
        return Collections.unmodifiableMap(map);
    }

    /**
     * Returns the queue that a map defines: {@link #toMap()}, Kombu's {@code as_dict(recurse=True)}, or the options of
     * Kombu's {@code from_dict} together with the name ({@code exchange} as a name, {@code exchange_type}, {@code
     * binding_key} and so on). The name is required; a value that is absent or null is the default. Times are in
     * seconds.
     *
     * @throws IllegalArgumentException if a key is unknown, or a value is invalid; the message names the key
     */
    public static Queue fromMap(Map<String, ?> map) {
        KombuDefinition definition = new KombuDefinition("queue", map);
        Exchange exchange = Exchange.fromMap(definition.exchange());
        String bindingKey = definition.text("binding_key", "");
        String routingKey = definition.text("routing_key", "");
        Queue queue = unnamed()
                .named(definition.name("name"))
                .bound(exchange, bindingKey.isEmpty() ? routingKey : bindingKey);
        queue = definition.set(queue, "durable", KombuDefinition::flag, Queue::durable);
        queue = definition.set(queue, "queue_durable", KombuDefinition::flag, Queue::durable);
        queue = definition.set(queue, "exclusive", KombuDefinition::flag, Queue::exclusive);
        queue = definition.set(queue, "auto_delete", KombuDefinition::flag, Queue::autoDelete);
        queue = definition.set(queue, "queue_auto_delete", KombuDefinition::flag, Queue::autoDelete);
        queue = definition.set(queue, "passive", KombuDefinition::flag, Queue::passive);
        queue = definition.set(queue, "no_declare", KombuDefinition::flag, Queue::noDeclare);
        queue = definition.set(queue, "no_ack", KombuDefinition::flag, Queue::noAck);
        queue = definition.set(queue, "alias", KombuDefinition::text, Queue::alias);
        queue = definition.set(queue, "queue_arguments", KombuDefinition::table, Queue::arguments);
        queue = definition.set(queue, "binding_arguments", KombuDefinition::table, Queue::bindingArguments);
        queue = definition.set(queue, "consumer_arguments", KombuDefinition::table, Queue::consumerArguments);
        queue = definition.set(queue, "expires", KombuDefinition::seconds, Queue::expires);
        queue = definition.set(queue, "message_ttl", KombuDefinition::seconds, Queue::messageTtl);
        queue = definition.set(queue, "max_length", KombuDefinition::number, Queue::maxLength);
        queue = definition.set(queue, "max_length_bytes", KombuDefinition::number, Queue::maxLengthBytes);
        queue = definition.set(queue, "max_priority", KombuDefinition::count, Queue::maxPriority);
        queue = definition.set(
                queue,
                "bindings",
                KombuDefinition::tables,
                (to, bindings) ->
                        to.bindings(bindings.stream().map(Binding::fromMap).toList()));
        definition.end();
        return queue;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Queue that
                && name.equals(that.name)
                && settings.equalProperties(that.settings)
                && exchange.equals(that.exchange)
                && routingKey.equals(that.routingKey)
                && TableEquality.equal(arguments(), that.arguments())
                && bindings().equals(that.bindings());
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                name,
                exchange,
                routingKey,
                durable(),
                exclusive(),
                autoDelete(),
                passive(),
                TableEquality.hash(arguments()));
    }

    /** Returns the name, the properties that differ from the defaults, and the bindings. */
    @Override
    public String toString() {
        return "queue '" + name + "'" + (durable() ? "" : " transient") + (exclusive() ? " exclusive" : "")
                + (autoDelete() ? " autoDelete" : "") + (passive() ? " passive" : "")
                + (noDeclare() ? " noDeclare" : "") + (noAck() ? " noAck" : "")
                + (arguments().isEmpty() ? "" : " " + arguments())
                + (bindings().isEmpty() ? "" : " " + bindings());
    }
}
