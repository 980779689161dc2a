package dev.holdfast;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The definition of a binding: messages of the source exchange go to the destination, a queue or another exchange,
 * when the routing key (or, for a headers exchange, the arguments) match. Immutable; withers return a copy. Declaring
 * it declares the source exchange and binds; the destination must exist. Two are equal when their whole definitions
 * are.
 */
public final class Binding implements Declarable {
    /** What a binding leads to. */
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

    /** Returns a binding from an exchange that gets its destination later: from the queue that carries it. */
    public static Binding of(Exchange source, String routingKey) {
        requireNonNull(source, "source");
        if (source.name().isEmpty()) {
            throw Arguments.invalid(
                    "source", "the anon-exchange", "a named exchange; nothing can be bound to this one");
        }
        Arguments.shortString("routingKey", routingKey);
        return new Binding(source, OWN_QUEUE, routingKey, Map.of(), null);
    }

    /** Returns this binding with a queue as its destination; the empty name is the queue that carries it. */
    public Binding toQueue(String queue) {
        Arguments.shortString("queue name", queue);
        return new Binding(source, new Target(Destination.QUEUE, queue), routingKey, arguments, unbindArguments);
    }

    /** Returns this binding with another exchange as its destination. */
    public Binding toExchange(String exchange) {
        if (Arguments.shortString("exchange name", exchange).isEmpty()) {
            throw Arguments.invalid("destination", "the anon-exchange", "a named exchange");
        }
        return new Binding(source, new Target(Destination.EXCHANGE, exchange), routingKey, arguments, unbindArguments);
    }

    /** Returns the exchange that messages come from. */
    public Exchange source() {
        return source;
    }

    /** Tells what {@link #destination()} names. */
    public Destination destinationType() {
        return target.type;
    }

    /** Returns the name of the queue or exchange that messages go to; empty for the queue that carries the binding. */
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

    /** Replaces the arguments; default none. Copied. */
    public Binding arguments(Map<String, ?> arguments) {
        return new Binding(source, target, routingKey, Arguments.table("arguments", arguments), unbindArguments);
    }

    /** Takes, from a headers exchange, messages that have all of these headers: {@code x-match=all} and them. */
    public Binding matchAll(Map<String, ?> headers) {
        return match("all", headers);
    }

    /** Takes, from a headers exchange, messages that have any of these headers: {@code x-match=any} and them. */
    public Binding matchAny(Map<String, ?> headers) {
        return match("any", headers);
    }

    private Binding match(String how, Map<String, ?> headers) {
        Map<String, Object> arguments = new LinkedHashMap<>(headers);
        arguments.put("x-match", how);
        return arguments(arguments);
    }

    /** Returns the arguments that undoing the binding sends, unmodifiable. */
    public Map<String, Object> unbindArguments() {
        return unbindArguments == null ? arguments : unbindArguments;
    }

    /** Sets the arguments that undoing the binding sends; default those of the binding itself. Copied. */
    public Binding unbindArguments(Map<String, ?> arguments) {
        Map<String, Object> copy = Arguments.table("unbindArguments", arguments);
        return new Binding(source, target, routingKey, this.arguments, copy);
    }

    /**
     * Returns the definition under Kombu's keys, as its {@code as_dict(recurse=True)} does, and {@code queue} or {@code
     * destination_exchange} where it has a destination of its own.
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
     * @throws IllegalArgumentException if a key is unknown, or a value is not what it can be; it names the key
     */
    public static Binding fromMap(Map<String, ?> map) {
        KombuDefinition given = new KombuDefinition("binding", map);
        Binding binding = of(Exchange.fromMap(given.table("exchange")), given.text("routing_key", ""));
        binding = given.set(binding, "arguments", KombuDefinition::table, Binding::arguments);
        binding = given.set(binding, "unbind_arguments", KombuDefinition::table, Binding::unbindArguments);
        binding = given.set(binding, "queue", KombuDefinition::text, Binding::toQueue);
        binding = given.set(binding, "destination_exchange", KombuDefinition::text, Binding::toExchange);
        given.end();
        return binding;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Binding that
                && source.equals(that.source)
                && target.equals(that.target)
                && routingKey.equals(that.routingKey)
                && arguments.equals(that.arguments)
                && unbindArguments().equals(that.unbindArguments());
    }

    @Override
    public int hashCode() {
        return Objects.hash(source, target, routingKey, arguments);
    }

    /** Returns source, key and destination. */
    @Override
    public String toString() {
        return "binding '" + source.name() + "' -- '" + routingKey + "' --> "
                + (target.type == Destination.QUEUE ? "queue '" : "exchange '") + target.name + "'"
                + (arguments.isEmpty() ? "" : " " + arguments);
    }
}
