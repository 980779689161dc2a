package dev.holdfast;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The definition of a binding: the source exchange routes a message to the destination, a queue or another exchange, if
 * the routing key (or, for a headers exchange, the arguments) match. Immutable and thread-safe; withers return a copy.
 * Declaring it declares the source exchange and binds; the destination must exist. Equality compares every property.
 */
public final class Binding implements Declarable {
    /** The type of a binding's destination. */
    public enum Destination {
        /** A queue (queue.bind). */
        QUEUE,
        /** Another exchange (exchange.bind, an extension of RabbitMQ). */
        EXCHANGE
    }

    /** A destination's type and name; the empty name is the queue that the binding belongs to. */
    private record Target(Destination type, String name) {}

    private static final Target OWN_QUEUE = new Target(Destination.QUEUE, "");

    private final Exchange source;
    private final Target target;
    private final String routingKey;
    private final Map<String, Object> arguments;
    private final @Nullable Map<String, Object> unbindArguments;

    private Binding(
            Exchange source,
            Target target,
            String routingKey,
            Map<String, Object> arguments,
            @Nullable Map<String, Object> unbindArguments) {
        this.source = source;
        this.target = target;
        this.routingKey = routingKey;
        this.arguments = arguments;
        this.unbindArguments = unbindArguments;
    }

    /**
     * Returns a binding without a destination of its own: {@link #toQueue}, {@link #toExchange} or the queue that it
     * belongs to ({@link Queue#bindings(java.util.List)}) sets it.
     *
     * @throws IllegalArgumentException if the source is the default exchange, or the key exceeds 255 bytes of UTF-8
     */
    public static Binding of(Exchange source, String routingKey) {
        requireNonNull(source, "source");
        if (source.name().isEmpty()) {
            throw Arguments.invalid(
                    "source", "the default exchange", "a named exchange; nothing can be bound to this one");
        }
        Arguments.shortString("routingKey", routingKey);
        return new Binding(source, OWN_QUEUE, routingKey, Map.of(), null);
    }

    /** Sets a queue as the destination; the empty name is the queue that the binding belongs to. */
    public Binding toQueue(String queue) {
        Arguments.shortString("queue name", queue);
        return new Binding(source, new Target(Destination.QUEUE, queue), routingKey, arguments, unbindArguments);
    }

    /** Sets another exchange as the destination; the default exchange is refused. */
    public Binding toExchange(String exchange) {
        if (Arguments.shortString("exchange name", exchange).isEmpty()) {
            throw Arguments.invalid("destination", "the default exchange", "a named exchange");
        }
        return new Binding(source, new Target(Destination.EXCHANGE, exchange), routingKey, arguments, unbindArguments);
    }

    /** Returns the exchange that routes the messages. */
    public Exchange source() {
        return source;
    }

    /** Returns the type of {@link #destination()}. */
    public Destination destinationType() {
        return target.type;
    }

    /** Returns the name of the destination; empty for the queue that the binding belongs to. */
    public String destination() {
        return target.name;
    }

    /** Returns the routing key or pattern. */
    public String routingKey() {
        return routingKey;
    }

    /** Returns the arguments, unmodifiable. */
    public Map<String, Object> arguments() {
        return arguments;
    }

    /** Replaces the arguments; default none. The map is copied. */
    public Binding arguments(Map<String, ?> arguments) {
        return new Binding(source, target, routingKey, Arguments.table("arguments", arguments), unbindArguments);
    }

    /** Matches, on a headers exchange, messages that have all of these headers: adds {@code x-match=all} to them. */
    public Binding matchAll(Map<String, ?> headers) {
        return match("all", headers);
    }

    /** Matches, on a headers exchange, messages that have any of these headers: adds {@code x-match=any} to them. */
    public Binding matchAny(Map<String, ?> headers) {
        return match("any", headers);
    }

    private Binding match(String mode, Map<String, ?> headers) {
        Map<String, Object> arguments = new LinkedHashMap<>(headers);
        arguments.put("x-match", mode);
        return arguments(arguments);
    }

    /** Returns the arguments of the unbind method, unmodifiable. */
    public Map<String, Object> unbindArguments() {
        return unbindArguments == null ? arguments : unbindArguments;
    }

    /** Sets the arguments of the unbind method; default those of the binding. The map is copied. */
    public Binding unbindArguments(Map<String, ?> arguments) {
        Map<String, Object> copy = Arguments.table("unbindArguments", arguments);
        return new Binding(source, target, routingKey, this.arguments, copy);
    }

    /**
     * Returns the definition with the keys of Kombu's {@code as_dict(recurse=True)}, and {@code queue} or {@code
     * destination_exchange} if the destination has a name.
     */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("exchange", source.toMap());
        map.put("routing_key", routingKey);
        map.put("arguments", arguments);
        if (unbindArguments != null) {
            map.put("unbind_arguments", unbindArguments);
        }
        if (!target.name.isEmpty()) {
            map.put(target.type == Destination.QUEUE ? "queue" : "destination_exchange", target.name);
        }
        return Collections.unmodifiableMap(map);
    }

    /**
     * Returns the binding that a map defines: {@link #toMap()} or Kombu's {@code as_dict(recurse=True)}.
     *
     * @throws IllegalArgumentException if a key is unknown, or a value is invalid; the message names the key
     */
    public static Binding fromMap(Map<String, ?> map) {
        KombuDefinition definition = new KombuDefinition("binding", map);
        Binding binding = of(Exchange.fromMap(definition.table("exchange")), definition.text("routing_key", ""));
        binding = definition.set(binding, "arguments", KombuDefinition::table, Binding::arguments);
        binding = definition.set(binding, "unbind_arguments", KombuDefinition::table, Binding::unbindArguments);
        binding = definition.set(binding, "queue", KombuDefinition::text, Binding::toQueue);
        binding = definition.set(binding, "destination_exchange", KombuDefinition::text, Binding::toExchange);
        definition.end();
        return binding;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Binding that
                && source.equals(that.source)
                && target.equals(that.target)
                && routingKey.equals(that.routingKey)
                && TableEquality.equal(arguments, that.arguments)
                && TableEquality.equal(unbindArguments(), that.unbindArguments());
    }

    @Override
    public int hashCode() {
        return Objects.hash(source, target, routingKey, TableEquality.hash(arguments));
    }

    /** Returns source, routing key, destination and arguments. */
    @Override
    public String toString() {
        return "binding '" + source.name() + "' -- '" + routingKey + "' --> "
                + (target.type == Destination.QUEUE ? "queue '" : "exchange '") + target.name + "'"
                + (arguments.isEmpty() ? "" : " " + arguments);
    }
}
