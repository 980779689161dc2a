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
 * The definition of a queue and, as in Kombu, of the exchange and routing key that it is bound with. Declaring it
 * declares the exchange, then the queue, then binds them, then does the same for each further binding. Immutable;
 * withers return a copy. Durable unless {@link #durable(boolean) told otherwise}. Two are equal when their whole
 * definitions are.
 */
public final class Queue implements Declarable {
    private static final int MAX_PRIORITY = 255;

    private final String name;
    private final Exchange exchange;
    private final String routingKey;
    private final QueueSettings traits;

    private Queue(String name, Exchange exchange, String routingKey, QueueSettings traits) {
        this.name = name;
        this.exchange = exchange;
        this.routingKey = routingKey;
        this.traits = traits;
    }

    /** Returns a queue that is bound to no exchange but the anon-exchange, where every queue is bound by its name. */
    public static Queue of(String name) {
        return of(name, Exchange.ANONYMOUS, "");
    }

    /**
     * Returns a queue that is bound to the exchange with the routing key.
     *
     * @throws IllegalArgumentException if the name is empty, or name or key exceed 255 bytes of UTF-8
     */
    public static Queue of(String name, Exchange exchange, String routingKey) {
        if (Arguments.shortString("queue name", name).isEmpty()) {
            throw Arguments.invalid("queue name", "''", "a name, or Queue.serverNamed()");
        }
        return unnamed().bound(exchange, routingKey).named(name);
    }

    /** Returns a queue that has these bindings, which are made in their order; their destination becomes this queue. */
    public static Queue of(String name, List<Binding> bindings) {
        return of(name).bindings(bindings);
    }

    /**
     * Returns a queue that the broker names: exclusive, so that it goes with its connection, and not durable.
     * Declaring it returns a copy that has the name.
     */
    public static Queue serverNamed() {
        return unnamed().durable(false).exclusive(true);
    }

    private static Queue unnamed() {
        return new Queue("", Exchange.ANONYMOUS, "", new QueueSettings());
    }

    private Queue with(Consumer<QueueSettings> change) {
        QueueSettings copy = traits.copy();
        change.accept(copy);
        return new Queue(name, exchange, routingKey, copy);
    }

    private Queue typed(String argument, Object value) {
        Map<String, Object> table = new LinkedHashMap<>(traits.typedArguments);
        table.put(argument, value);
        return with(t -> t.typedArguments = table);
    }

    /** What a typed method set, null where none did: an argument by its plain name is the caller's own affair. */
    @Nullable
    Object typedArgument(String argument) {
        return traits.typedArguments.get(argument);
    }

    /** Returns the name, empty when the broker is to choose it. */
    public String name() {
        return name;
    }

    /** Returns this definition under another name: the one that the broker chose. */
    public Queue named(String name) {
        return new Queue(Arguments.shortString("queue name", name), exchange, routingKey, traits);
    }

    /** Returns the exchange that the queue is bound to; {@link Exchange#ANONYMOUS} when it is bound to none. */
    public Exchange exchange() {
        return exchange;
    }

    /** Returns the key that the queue is bound with. */
    public String routingKey() {
        return routingKey;
    }

    /** Sets the exchange and the routing key that the queue is bound with. */
    public Queue bound(Exchange exchange, String routingKey) {
        requireNonNull(exchange, "exchange");
        return new Queue(name, exchange, Arguments.shortString("routingKey", routingKey), traits);
    }

    /**
     * Returns every binding in the order they are made, each with this queue as its destination: first the one of
     * {@link #exchange()}, unless that is the anon-exchange, then the further ones.
     */
    public List<Binding> bindings() {
        List<Binding> all = new ArrayList<>();
        if (!exchange.name().isEmpty()) {
            all.add(Binding.of(exchange, routingKey).toQueue(name).arguments(traits.bindingArguments));
        }
        traits.furtherBindings.forEach(binding -> all.add(binding.toQueue(name)));
        return Collections.unmodifiableList(all);
    }

    /** Replaces the further bindings; their destination becomes this queue. Default none. Copied. */
    public Queue bindings(List<Binding> bindings) {
        List<Binding> copy = List.copyOf(bindings);
        return with(t -> t.furtherBindings = copy);
    }

    /** Sets the arguments of the binding to {@link #exchange()}, such as those that a headers exchange matches. */
    public Queue bindingArguments(Map<String, ?> arguments) {
        Map<String, Object> copy = Arguments.table("bindingArguments", arguments);
        return with(t -> t.bindingArguments = copy);
    }

    /** Tells whether the queue outlives a restart of the broker. */
    public boolean durable() {
        return traits.durable;
    }

    /** Sets whether the queue outlives a restart of the broker; default true. */
    public Queue durable(boolean durable) {
        return with(t -> t.durable = durable);
    }

    /** Tells whether only the connection that declared the queue may use it. */
    public boolean exclusive() {
        return traits.exclusive;
    }

    /**
     * Sets whether only the connection that declares the queue may use it, and the queue goes with it; default false.
     */
    public Queue exclusive(boolean exclusive) {
        return with(t -> t.exclusive = exclusive);
    }

    /** Tells whether the broker deletes the queue when its last consumer goes. */
    public boolean autoDelete() {
        return traits.isAutoDelete();
    }

    /** Sets whether the broker deletes the queue when its last consumer goes; default: as {@link #exclusive()}. */
    public Queue autoDelete(boolean autoDelete) {
        return with(t -> t.autoDelete = autoDelete);
    }

    /** Tells whether declaring only checks that a queue of that name exists. */
    public boolean passive() {
        return traits.passive;
    }

    /** Sets whether declaring only checks that a queue of that name exists; default false. */
    public Queue passive(boolean passive) {
        return with(t -> t.passive = passive);
    }

    /** Tells whether declaring sends nothing, because somebody else makes the queue. */
    public boolean noDeclare() {
        return traits.noDeclare;
    }

    /** Sets whether declaring sends nothing, neither for its exchange nor its bindings; default false. */
    public Queue noDeclare(boolean noDeclare) {
        return with(t -> t.noDeclare = noDeclare);
    }

    /** Returns what is told of each declaration, null for nobody. */
    public @Nullable Consumer<QueueInfo> onDeclared() {
        return traits.onDeclared;
    }

    /**
     * Sets what is told each time that the broker has answered a declaration of this queue, the one after a reconnect
     * too: before it is bound, on {@link ConnectionOptions#deliveryExecutor()}; what it throws is logged. Default null. It
     * does not count when queues are compared: a publish that finds the queue declared tells nobody.
     */
    public Queue onDeclared(@Nullable Consumer<QueueInfo> onDeclared) {
        return with(t -> t.onDeclared = onDeclared);
    }

    /** Tells whether its consumers take a message for handled once it is sent. */
    public boolean noAck() {
        return traits.noAck;
    }

    /**
     * Sets whether a {@link Consumer} that is not told otherwise, and {@link ConsumeOptions#of}, take a message for handled
     * once it is sent; default false.
     */
    public Queue noAck(boolean noAck) {
        return with(t -> t.noAck = noAck);
    }

    /** Returns the arguments that its consumers start with, unmodifiable. */
    public Map<String, Object> consumerArguments() {
        return traits.consumerArguments;
    }

    /** Replaces the arguments that a {@link Consumer} and {@link ConsumeOptions#of} start with; default none. Copied. */
    public Queue consumerArguments(Map<String, ?> arguments) {
        Map<String, Object> copy = Arguments.table("consumerArguments", arguments);
        return with(t -> t.consumerArguments = copy);
    }

    /** Returns the application's own name for the queue, empty when it has none. */
    public String alias() {
        return traits.alias;
    }

    /** Sets the application's own name for the queue, such as for a server-named one; never sent; default empty. */
    public Queue alias(String alias) {
        requireNonNull(alias, "alias");
        return with(t -> t.alias = alias);
    }

    /** Returns the arguments, unmodifiable, those of the typed methods included. */
    public Map<String, Object> arguments() {
        Map<String, Object> all = new LinkedHashMap<>(traits.arguments);
        all.putAll(traits.typedArguments);
        return Collections.unmodifiableMap(all);
    }

    /** Replaces the arguments; what a typed method sets (such as {@link #expires}) wins. Default none. Copied. */
    public Queue arguments(Map<String, ?> arguments) {
        Map<String, Object> copy = Arguments.table("arguments", arguments);
        return with(t -> t.arguments = copy);
    }

    /** Sets one argument; what a typed method sets (such as {@link #expires}) wins. */
    public Queue argument(String name, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(traits.arguments);
        copy.put(Arguments.shortString("argument name", name), Arguments.immutableCopy(value));
        return with(t -> t.arguments = copy);
    }

    /**
     * Lets the broker delete the queue when it was unused for this long: {@code x-expires}, in milliseconds, at least
     * 1.
     */
    public Queue expires(Duration expires) {
        return typed("x-expires", number(Arguments.atLeast("expires ms", milliseconds("expires", expires), 1)));
    }

    /** Lets the broker drop messages that waited for this long: {@code x-message-ttl}, in milliseconds. */
    public Queue messageTtl(Duration messageTtl) {
        return typed("x-message-ttl", number(milliseconds("messageTtl", messageTtl)));
    }

    /** Bounds the number of ready messages: {@code x-max-length}. */
    public Queue maxLength(long maxLength) {
        return typed("x-max-length", number(Arguments.atLeast("maxLength", maxLength, 0)));
    }

    /** Bounds the bytes of ready messages' bodies: {@code x-max-length-bytes}. */
    public Queue maxLengthBytes(long maxLengthBytes) {
        return typed("x-max-length-bytes", number(Arguments.atLeast("maxLengthBytes", maxLengthBytes, 0)));
    }

    /** Lets messages with a priority from 1 to this one (at most 255) go first: {@code x-max-priority}. */
    public Queue maxPriority(int maxPriority) {
        return typed("x-max-priority", Arguments.range("maxPriority", maxPriority, 1, MAX_PRIORITY));
    }

    /**
     * Makes it a replicated quorum queue of RabbitMQ: {@code x-queue-type=quorum}. Declaring refuses it where it is not
     * durable, exclusive, or has what such a queue cannot have.
     */
    public Queue quorum() {
        return typed("x-queue-type", "quorum");
    }

    /** Sets on how many nodes a quorum queue starts, at least 1: {@code x-quorum-initial-group-size}. */
    public Queue quorumInitialGroupSize(int nodes) {
        return typed(
                "x-quorum-initial-group-size", Arguments.range("quorumInitialGroupSize", nodes, 1, Integer.MAX_VALUE));
    }

    /** Drops, or dead-letters, what was delivered more often than this in vain: {@code x-delivery-limit} (quorum). */
    public Queue deliveryLimit(int deliveries) {
        return typed("x-delivery-limit", Arguments.range("deliveryLimit", deliveries, 0, Integer.MAX_VALUE));
    }

    /**
     * Says where the leader of a quorum queue or stream starts, {@code client-local} or {@code balanced}:
     * {@code x-queue-leader-locator}.
     */
    public Queue leaderLocator(String locator) {
        return typed("x-queue-leader-locator", Arguments.oneOf("leaderLocator", locator, "client-local", "balanced"));
    }

    /**
     * Makes it a stream of RabbitMQ, which keeps what was consumed: {@code x-queue-type=stream}. Declaring refuses it where
     * it is not durable, exclusive, autoDelete, or has what a stream cannot have.
     */
    public Queue stream() {
        return typed("x-queue-type", "stream");
    }

    /** Lets a stream forget what is older, at least 1 s, fractions cut off: {@code x-max-age}, such as {@code 3600s}. */
    public Queue maxAge(Duration maxAge) {
        long seconds = Arguments.notNegative("maxAge", maxAge).toSeconds();
        return typed("x-max-age", Arguments.atLeast("maxAge s", seconds, 1) + "s");
    }

    /** Sets the size of a stream's files in bytes, at least 1: {@code x-stream-max-segment-size-bytes}. */
    public Queue streamMaxSegmentSizeBytes(long bytes) {
        return typed(
                "x-stream-max-segment-size-bytes", number(Arguments.atLeast("streamMaxSegmentSizeBytes", bytes, 1)));
    }

    /** Keeps messages on disk in RabbitMQ before 3.12: {@code x-queue-mode=lazy}. */
    public Queue lazy() {
        return typed("x-queue-mode", "lazy");
    }

    /** Sends rejected, expired and overflowing messages to this exchange: {@code x-dead-letter-exchange}. */
    public Queue deadLetterExchange(String exchange) {
        return typed("x-dead-letter-exchange", Arguments.shortString("deadLetterExchange", exchange));
    }

    /** Dead-letters with this routing key instead of the message's own: {@code x-dead-letter-routing-key}. */
    public Queue deadLetterRoutingKey(String routingKey) {
        return typed("x-dead-letter-routing-key", Arguments.shortString("deadLetterRoutingKey", routingKey));
    }

    /**
     * Says how surely a quorum queue dead-letters, {@code at-most-once} or {@code at-least-once}, which needs
     * {@link #rejectPublishWhenFull}: {@code x-dead-letter-strategy}.
     */
    public Queue deadLetterStrategy(String strategy) {
        return typed(
                "x-dead-letter-strategy",
                Arguments.oneOf("deadLetterStrategy", strategy, "at-most-once", "at-least-once"));
    }

    /**
     * Says what a full queue does, {@code drop-head}, {@code reject-publish} or {@code reject-publish-dlx}:
     * {@code x-overflow}.
     */
    public Queue overflow(String overflow) {
        return typed(
                "x-overflow",
                Arguments.oneOf("overflow", overflow, "drop-head", "reject-publish", "reject-publish-dlx"));
    }

    /** Refuses new messages of a full queue with a nack instead of dropping old ones: {@code x-overflow}. */
    public Queue rejectPublishWhenFull() {
        return overflow("reject-publish");
    }

    /** Feeds one consumer at a time, the others stand by: {@code x-single-active-consumer}. */
    public Queue singleActiveConsumer() {
        return typed("x-single-active-consumer", true);
    }

    private static long milliseconds(String name, Duration duration) {
        return Arguments.notNegative(name, duration).toMillis();
    }

    /** Takes the smaller wire type where it fits, as Kombu does. */
    private static Object number(long value) {
        if (value == (int) value) {
            return (int) value;
        }
        return value;
    }

    /**
     * Returns the definition under Kombu's keys, as its {@code as_dict(recurse=True)} does, and {@code passive}; for JSON
     * or a configuration. {@link #onDeclared} is not in it; what {@link #quorum} and the like set comes back as arguments.
     */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("exchange", exchange.toMap());
        map.put("routing_key", routingKey);
        traits.describe(map);
        return Collections.unmodifiableMap(map);
    }

    /**
     * Returns the queue that a map defines: {@link #toMap()}, Kombu's {@code as_dict(recurse=True)}, or the options of its
     * {@code from_dict} with the name among them ({@code exchange} a name, {@code exchange_type}, {@code binding_key} and
     * so on). What is absent or null is the default, but the name must be there; times are seconds.
     *
     * @throws IllegalArgumentException if a key is unknown, or a value is not what it can be; it names the key
     */
    public static Queue fromMap(Map<String, ?> map) {
        KombuDefinition given = new KombuDefinition("queue", map);
        Exchange exchange = Exchange.fromMap(given.exchange());
        String bindingKey = given.text("binding_key", "");
        String routingKey = given.text("routing_key", "");
        Queue queue =
                unnamed().named(given.name("name")).bound(exchange, bindingKey.isEmpty() ? routingKey : bindingKey);
        queue = given.set(queue, "durable", KombuDefinition::flag, Queue::durable);
        queue = given.set(queue, "queue_durable", KombuDefinition::flag, Queue::durable);
        queue = given.set(queue, "exclusive", KombuDefinition::flag, Queue::exclusive);
        queue = given.set(queue, "auto_delete", KombuDefinition::flag, Queue::autoDelete);
        queue = given.set(queue, "queue_auto_delete", KombuDefinition::flag, Queue::autoDelete);
        queue = given.set(queue, "passive", KombuDefinition::flag, Queue::passive);
        queue = given.set(queue, "no_declare", KombuDefinition::flag, Queue::noDeclare);
        queue = given.set(queue, "no_ack", KombuDefinition::flag, Queue::noAck);
        queue = given.set(queue, "alias", KombuDefinition::text, Queue::alias);
        queue = given.set(queue, "queue_arguments", KombuDefinition::table, Queue::arguments);
        queue = given.set(queue, "binding_arguments", KombuDefinition::table, Queue::bindingArguments);
        queue = given.set(queue, "consumer_arguments", KombuDefinition::table, Queue::consumerArguments);
        queue = given.set(queue, "expires", KombuDefinition::seconds, Queue::expires);
        queue = given.set(queue, "message_ttl", KombuDefinition::seconds, Queue::messageTtl);
        queue = given.set(queue, "max_length", KombuDefinition::number, Queue::maxLength);
        queue = given.set(queue, "max_length_bytes", KombuDefinition::number, Queue::maxLengthBytes);
        queue = given.set(queue, "max_priority", KombuDefinition::count, Queue::maxPriority);
        queue = given.set(
                queue,
                "bindings",
                KombuDefinition::tables,
                (to, bindings) ->
                        to.bindings(bindings.stream().map(Binding::fromMap).toList()));
        given.end();
        return queue;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Queue that
                && name.equals(that.name)
                && traits.sameUse(that.traits)
                && exchange.equals(that.exchange)
                && routingKey.equals(that.routingKey)
                && arguments().equals(that.arguments())
                && bindings().equals(that.bindings());
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, exchange, routingKey, durable(), exclusive(), autoDelete(), passive(), arguments());
    }

    /** Returns the name, what differs from the defaults, and the bindings. */
    @Override
    public String toString() {
        return "queue '" + name + "'" + (durable() ? "" : " transient") + (exclusive() ? " exclusive" : "")
                + (autoDelete() ? " autoDelete" : "") + (passive() ? " passive" : "")
                + (noDeclare() ? " noDeclare" : "") + (noAck() ? " noAck" : "")
                + (arguments().isEmpty() ? "" : " " + arguments())
                + (bindings().isEmpty() ? "" : " " + bindings());
    }
}
