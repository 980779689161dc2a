package dev.holdfast;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The definition of an exchange, to which messages are published and queues are bound. Immutable and thread-safe;
 * withers return a copy. By default an exchange is {@link #durable(boolean) durable}. Equality compares every property.
 */
public final class Exchange implements Declarable {
    /** The default exchange, which Kombu calls anon-exchange: it routes to the queue whose name is the routing key. */
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

    /** Returns an exchange that routes a message if its routing key equals the binding's. */
    public static Exchange direct(String name) {
        return of(name, "direct");
    }

    /** Returns an exchange that routes by routing key patterns such as {@code audio.*.#}. */
    public static Exchange topic(String name) {
        return of(name, "topic");
    }

    /** Returns an exchange that routes each message to every binding. */
    public static Exchange fanout(String name) {
        return of(name, "fanout");
    }

    /** Returns an exchange that routes by the message's headers. */
    public static Exchange headers(String name) {
        return of(name, "headers");
    }

    /**
     * Returns an exchange of any type, including those of plugins. The empty name is the default exchange.
     *
     * @throws IllegalArgumentException if name or type exceeds 255 bytes of UTF-8, or the type is empty
     */
    public static Exchange of(String name, String type) {
        Arguments.shortString("exchange name", name);
        if (Arguments.shortString("exchange type", type).isEmpty()) {
            throw Arguments.invalid("exchange type", "''", "direct, topic, fanout, headers or a plugin's");
        }
        return new Exchange(name, type, 0, Map.of(), null);
    }

    /** Returns the name; empty is the default exchange. */
    public String name() {
        return name;
    }

    /** Returns the type, such as {@code direct}. */
    public String type() {
        return type;
    }

    /** Returns whether the exchange survives a restart of the broker. */
    public boolean durable() {
        return (flags & TRANSIENT) == 0;
    }

    /** Sets whether the exchange survives a restart of the broker; default true. */
    public Exchange durable(boolean durable) {
        return flag(TRANSIENT, !durable);
    }

    /** Returns whether the broker deletes the exchange when its last binding is removed. */
    public boolean autoDelete() {
        return (flags & AUTO_DELETE) != 0;
    }

    /** Sets whether the broker deletes the exchange when its last binding is removed; default false. */
    public Exchange autoDelete(boolean autoDelete) {
        return flag(AUTO_DELETE, autoDelete);
    }

    /** Returns whether the exchange accepts messages only from other exchanges. */
    public boolean internal() {
        return (flags & INTERNAL) != 0;
    }

    /** Sets whether the exchange accepts messages only from other exchanges, not from publishers; default false. */
    public Exchange internal(boolean internal) {
        return flag(INTERNAL, internal);
    }

    /** Returns whether declaring only checks that an exchange of this name exists. */
    public boolean passive() {
        return (flags & PASSIVE) != 0;
    }

    /** Sets whether declaring only checks that an exchange of this name exists; default false. */
    public Exchange passive(boolean passive) {
        return flag(PASSIVE, passive);
    }

    /** Returns whether declaring sends nothing, because another application declares the exchange. */
    public boolean noDeclare() {
        return (flags & NO_DECLARE) != 0;
    }

    /** Sets whether declaring sends nothing, because another application declares the exchange; default false. */
    public Exchange noDeclare(boolean noDeclare) {
        return flag(NO_DECLARE, noDeclare);
    }

    /** Returns the arguments, unmodifiable. */
    public Map<String, Object> arguments() {
        return arguments;
    }

    /** Replaces the arguments; default none. The map is copied. */
    public Exchange arguments(Map<String, ?> arguments) {
        return new Exchange(name, type, flags, Arguments.table("arguments", arguments), deliveryMode);
    }

    /**
     * Sets the name of the exchange that receives the messages that this one cannot route: RabbitMQ's {@code
     * alternate-exchange}.
     */
    public Exchange alternateExchange(String exchange) {
        return argument("alternate-exchange", Arguments.shortString("alternateExchange", exchange));
    }

    /** Sets one argument, such as a plugin's {@code x-delayed-type}. */
    public Exchange argument(String name, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(arguments);
        copy.put(Arguments.shortString("argument name", name), Arguments.tableValue("argument " + name, value));
        return new Exchange(this.name, type, flags, Collections.unmodifiableMap(copy), deliveryMode);
    }

    /** Returns the delivery mode of messages that set none, null for 2 (persistent). */
    public @Nullable Integer deliveryMode() {
        return deliveryMode;
    }

    /** Sets the delivery mode of messages that set none: 1 transient, 2 persistent; default null, which means 2. */
    public Exchange deliveryMode(@Nullable Integer deliveryMode) {
        if (deliveryMode != null) {
            Arguments.range("deliveryMode", deliveryMode, 1, 2);
        }
        return new Exchange(name, type, flags, arguments, deliveryMode);
    }

    /** Sets the delivery mode of messages that set none: 2 if they shall survive a restart of the broker, else 1. */
    public Exchange persistent(boolean persistent) {
        return deliveryMode(persistent ? 2 : 1);
    }

    /** Returns whether every broker predeclares this exchange: the default exchange and all names {@code amq.*}. */
    public boolean predeclared() {
        return name.isEmpty() || name.startsWith("amq.");
    }

    /**
     * Returns the definition with the keys of Kombu's {@code as_dict()}, and {@code internal}; for JSON or a
     * configuration file. An unset delivery mode is omitted.
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
     * Returns the exchange that a map defines: {@link #toMap()} or Kombu's {@code as_dict()}. The name is required; a
     * value that is absent or null is the default.
     *
     * @throws IllegalArgumentException if a key is unknown, or a value is invalid; the message names the key
     */
    public static Exchange fromMap(Map<String, ?> map) {
        KombuDefinition definition = new KombuDefinition("exchange", map);
        Exchange exchange = of(definition.name("name"), definition.text("type", "direct"));
        exchange = definition.set(exchange, "durable", KombuDefinition::flag, Exchange::durable);
        exchange = definition.set(exchange, "auto_delete", KombuDefinition::flag, Exchange::autoDelete);
        exchange = definition.set(exchange, "internal", KombuDefinition::flag, Exchange::internal);
        exchange = definition.set(exchange, "passive", KombuDefinition::flag, Exchange::passive);
        exchange = definition.set(exchange, "no_declare", KombuDefinition::flag, Exchange::noDeclare);
        exchange = definition.set(exchange, "arguments", KombuDefinition::table, Exchange::arguments);
        exchange = definition.set(exchange, "delivery_mode", KombuDefinition::deliveryMode, Exchange::deliveryMode);
        definition.end();
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
                && TableEquality.equal(arguments, that.arguments)
                && Objects.equals(deliveryMode, that.deliveryMode);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, type, flags, TableEquality.hash(arguments), deliveryMode);
    }

    /** Returns type, name and the properties that differ from the defaults. */
    @Override
    public String toString() {
        return type + " exchange '" + name + "'" + (durable() ? "" : " transient") + (autoDelete() ? " autoDelete" : "")
                + (internal() ? " internal" : "") + (passive() ? " passive" : "") + (noDeclare() ? " noDeclare" : "")
                + (deliveryMode == null ? "" : " deliveryMode=" + deliveryMode)
                + (arguments.isEmpty() ? "" : " " + arguments);
    }
}
