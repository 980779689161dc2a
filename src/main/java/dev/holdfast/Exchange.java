package dev.holdfast;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The definition of an exchange, to which messages are published and queues are bound. Immutable; withers return a
 * copy. Durable unless {@link #durable(boolean) told otherwise}. Two are equal when their whole definitions are.
 */
public final class Exchange implements Declarable {
    /** The anon-exchange (default exchange): it routes to the queue whose name is the routing key. */
    public static final Exchange ANONYMOUS = new Exchange("", "direct", 0, Map.of(), null);

    private static final int TRANSIENT = 1;
    private static final int AUTO_DELETE = 2;
    private static final int INTERNAL = 4;
    private static final int PASSIVE = 8;
    private static final int NO_DECLARE = 16;

    private final String name;
    private final String type;
    private final int flags;
    private final Map<String, Object> arguments;
    private final @Nullable Integer deliveryMode;

    private Exchange(
            String name, String type, int flags, Map<String, Object> arguments, @Nullable Integer deliveryMode) {
        this.name = name;
        this.type = type;
        this.flags = flags;
        this.arguments = arguments;
        this.deliveryMode = deliveryMode;
    }

    /** Returns an exchange that routes by equality of routing and binding key. */
    public static Exchange direct(String name) {
        return of(name, "direct");
    }

    /** Returns an exchange that routes by patterns such as {@code audio.*.#}. */
    public static Exchange topic(String name) {
        return of(name, "topic");
    }

    /** Returns an exchange that routes to all that is bound to it. */
    public static Exchange fanout(String name) {
        return of(name, "fanout");
    }

    /** Returns an exchange that routes by the message's headers. */
    public static Exchange headers(String name) {
        return of(name, "headers");
    }

    /**
     * Returns an exchange of any type, plugins' included. The empty name is the anon-exchange.
     *
     * @throws IllegalArgumentException if name or type exceed 255 bytes of UTF-8, or the type is empty
     */
    public static Exchange of(String name, String type) {
        Arguments.shortString("exchange name", name);
        if (Arguments.shortString("exchange type", type).isEmpty()) {
            throw Arguments.invalid("exchange type", "''", "direct, topic, fanout, headers or a plugin's");
        }
        return new Exchange(name, type, 0, Map.of(), null);
    }

    /** Returns the name; empty is the anon-exchange. */
    public String name() {
        return name;
    }

    /** Returns the type, such as {@code direct}. */
    public String type() {
        return type;
    }

    /** Tells whether the exchange outlives a restart of the broker. */
    public boolean durable() {
        return (flags & TRANSIENT) == 0;
    }

    /** Sets whether the exchange outlives a restart of the broker; default true. */
    public Exchange durable(boolean durable) {
        return flag(TRANSIENT, !durable);
    }

    /** Tells whether the broker deletes the exchange when its last binding goes. */
    public boolean autoDelete() {
        return (flags & AUTO_DELETE) != 0;
    }

    /** Sets whether the broker deletes the exchange when its last binding goes; default false. */
    public Exchange autoDelete(boolean autoDelete) {
        return flag(AUTO_DELETE, autoDelete);
    }

    /** Tells whether only other exchanges may feed the exchange. */
    public boolean internal() {
        return (flags & INTERNAL) != 0;
    }

    /** Sets whether only other exchanges may feed the exchange, no publisher; default false. */
    public Exchange internal(boolean internal) {
        return flag(INTERNAL, internal);
    }

    /** Tells whether declaring only checks that an exchange of that name exists. */
    public boolean passive() {
        return (flags & PASSIVE) != 0;
    }

    /** Sets whether declaring only checks that an exchange of that name exists; default false. */
    public Exchange passive(boolean passive) {
        return flag(PASSIVE, passive);
    }

    /** Tells whether declaring sends nothing, because somebody else makes the exchange. */
    public boolean noDeclare() {
        return (flags & NO_DECLARE) != 0;
    }

    /** Sets whether declaring sends nothing, because somebody else makes the exchange; default false. */
    public Exchange noDeclare(boolean noDeclare) {
        return flag(NO_DECLARE, noDeclare);
    }

    /** Returns the arguments, unmodifiable. */
    public Map<String, Object> arguments() {
        return arguments;
    }

    /** Replaces the arguments; default none. Copied. */
    public Exchange arguments(Map<String, ?> arguments) {
        return new Exchange(name, type, flags, Arguments.table("arguments", arguments), deliveryMode);
    }

    /**
     * Sends messages that this exchange cannot route to another one, by its name: RabbitMQ's {@code alternate-exchange}.
     */
    public Exchange alternateExchange(String exchange) {
        return argument("alternate-exchange", Arguments.shortString("alternateExchange", exchange));
    }

    /** Sets one argument, such as a plugin's {@code x-delayed-type}. */
    public Exchange argument(String name, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(arguments);
        copy.put(Arguments.shortString("argument name", name), Arguments.immutableCopy(value));
        return new Exchange(this.name, type, flags, Collections.unmodifiableMap(copy), deliveryMode);
    }

    /** Returns the delivery mode of messages published here that set none, null for 2 (persistent). */
    public @Nullable Integer deliveryMode() {
        return deliveryMode;
    }

    /** Sets the delivery mode of messages published here that set none: 1 transient, 2 persistent; default null, 2. */
    public Exchange deliveryMode(@Nullable Integer deliveryMode) {
        if (deliveryMode != null) {
            Arguments.range("deliveryMode", deliveryMode, 1, 2);
        }
        return new Exchange(name, type, flags, arguments, deliveryMode);
    }

    /** Sets whether messages published here that do not say it outlive a restart of the broker: delivery mode 2, else 1. */
    public Exchange persistent(boolean persistent) {
        return deliveryMode(persistent ? 2 : 1);
    }

    /** Tells whether every broker has this exchange from the start: the anon-exchange and all named {@code amq.*}. */
    public boolean predeclared() {
        return name.isEmpty() || name.startsWith("amq.");
    }

    /**
     * Returns the definition under Kombu's keys, as its {@code as_dict()} does, and {@code internal}; for JSON or a
     * configuration. What is unset is left out.
     */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("type", type);
        map.put("durable", durable());
        map.put("auto_delete", autoDelete());
        map.put("internal", internal());
        map.put("passive", passive());
        map.put("no_declare", noDeclare());
        map.put("arguments", arguments);
        if (deliveryMode != null) {
            map.put("delivery_mode", deliveryMode);
        }
        return Collections.unmodifiableMap(map);
    }

    /**
     * Returns the exchange that a map defines: {@link #toMap()} or Kombu's {@code as_dict()}. What is absent or null is
     * the default, but the name must be there.
     *
     * @throws IllegalArgumentException if a key is unknown, or a value is not what it can be; it names the key
     */
    public static Exchange fromMap(Map<String, ?> map) {
        KombuDefinition given = new KombuDefinition("exchange", map);
        Exchange exchange = of(given.name("name"), given.text("type", "direct"));
        exchange = given.set(exchange, "durable", KombuDefinition::flag, Exchange::durable);
        exchange = given.set(exchange, "auto_delete", KombuDefinition::flag, Exchange::autoDelete);
        exchange = given.set(exchange, "internal", KombuDefinition::flag, Exchange::internal);
        exchange = given.set(exchange, "passive", KombuDefinition::flag, Exchange::passive);
        exchange = given.set(exchange, "no_declare", KombuDefinition::flag, Exchange::noDeclare);
        exchange = given.set(exchange, "arguments", KombuDefinition::table, Exchange::arguments);
        exchange = given.set(exchange, "delivery_mode", KombuDefinition::deliveryMode, Exchange::deliveryMode);
        given.end();
        return exchange;
    }

    private Exchange flag(int flag, boolean on) {
        return new Exchange(name, type, on ? flags | flag : flags & ~flag, arguments, deliveryMode);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Exchange that
                && flags == that.flags
                && name.equals(that.name)
                && type.equals(that.type)
                && arguments.equals(that.arguments)
                && Objects.equals(deliveryMode, that.deliveryMode);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, type, flags, arguments, deliveryMode);
    }

    /** Returns type, name and what differs from the defaults. */
    @Override
    public String toString() {
        return type + " exchange '" + name + "'" + (durable() ? "" : " transient") + (autoDelete() ? " autoDelete" : "")
                + (internal() ? " internal" : "") + (passive() ? " passive" : "") + (noDeclare() ? " noDeclare" : "")
                + (deliveryMode == null ? "" : " deliveryMode=" + deliveryMode)
                + (arguments.isEmpty() ? "" : " " + arguments);
    }
}
