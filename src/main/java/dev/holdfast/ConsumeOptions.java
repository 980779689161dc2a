package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.serialization.Accept;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a consumer: acknowledgement, prefetch, tag, arguments and accepted content. Immutable and
 * thread-safe; withers return a copy.
 */
public final class ConsumeOptions {
    /** The prefetch if neither these options nor the channel set one. */
    static final int DEFAULT_PREFETCH = 250;

    static final int MAX_PREFETCH = 65535;
    private static final int UNSET = -1;
    private static final Pattern STREAM_OFFSET = Pattern.compile("first|last|next|[0-9]+[YMDhms]");
    private static final ConsumeOptions DEFAULTS = new ConsumeOptions(new Settings());

    /** Not changed after construction of this object: its final field publishes it safely to other threads. */
    private final Settings settings;

    /** The values, with their defaults. Only the wither that made a copy changes it. */
    private static final class Settings implements Cloneable {
        /** Null: the queue's {@link Queue#noAck()}; false for a queue given by its name. */
        @Nullable
        Boolean noAck;

        boolean exclusive;
        String consumerTag = "";
        Map<String, Object> arguments = Map.of();
        int prefetch = UNSET;
        Accept accept = Accept.safe();
        boolean autoDeclare = true;

        Settings copy() {
            try {
                return (Settings) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private ConsumeOptions(Settings settings) {
        this.settings = settings;
    }

    private ConsumeOptions with(java.util.function.Consumer<Settings> change) {
        Settings copy = settings.copy();
        change.accept(copy);
        return new ConsumeOptions(copy);
    }

    /** Returns the defaults: explicit acknowledgements, a consumer tag chosen by the broker, a prefetch of 250. */
    public static ConsumeOptions defaults() {
        return DEFAULTS;
    }

    /** Returns the defaults with the queue's {@link Queue#noAck()} and {@link Queue#consumerArguments()}. */
    public static ConsumeOptions of(Queue queue) {
        return DEFAULTS.withDefaultsOf(queue);
    }

    /** Returns these options, with the queue's noAck if unset, and each argument of the queue that they do not set. */
    ConsumeOptions withDefaultsOf(Queue queue) {
        ConsumeOptions options = settings.noAck == null ? noAck(queue.noAck()) : this;
        if (options.noAck() && queue.isStream()) {
            throw Arguments.invalid("noAck", true, "false for the stream '" + queue.name() + "'");
        }
        if (queue.consumerArguments().isEmpty()) {
            return options;
        }
        Map<String, Object> merged = new LinkedHashMap<>(queue.consumerArguments());
        merged.putAll(settings.arguments);
        return options.arguments(merged);
    }

    /** Returns whether the broker considers a message acknowledged once it is sent. */
    public boolean noAck() {
        return settings.noAck != null && settings.noAck;
    }

    /**
     * Sets whether the broker considers a message acknowledged once it is sent; default: for a {@link Consumer} {@link
     * Queue#noAck()}, else false. If true, prefetch has no effect: the broker sends at the speed of the network, and
     * deliveries wait for their handler in memory, up to twice {@link ConnectionOptions#maxDeliveryBacklogBytes}. For a
     * stream it must be false.
     */
    public ConsumeOptions noAck(boolean noAck) {
        return with(s -> s.noAck = noAck);
    }

    /** Returns whether no other consumer may use the queue. */
    public boolean exclusive() {
        return settings.exclusive;
    }

    /** Sets whether no other consumer may use the queue; default false. */
    public ConsumeOptions exclusive(boolean exclusive) {
        return with(s -> s.exclusive = exclusive);
    }

    /** Returns the consumer tag, unique on its channel; empty if the broker chooses it. */
    public String consumerTag() {
        return settings.consumerTag;
    }

    /**
     * Sets the consumer tag, unique on its channel, at most 255 bytes of UTF-8; default empty: the broker chooses it.
     * For a {@link Consumer}, which numbers the consumers of its queues, it is the prefix of the tags; default a unique
     * one.
     */
    public ConsumeOptions consumerTag(String consumerTag) {
        return with(s -> s.consumerTag = Arguments.shortString("consumerTag", consumerTag));
    }

    /** Returns the arguments, unmodifiable. */
    public Map<String, Object> arguments() {
        return settings.arguments;
    }

    /**
     * Replaces the arguments; default none. A {@link Consumer} adds those of its queue that are not set here. The map
     * is copied.
     */
    public ConsumeOptions arguments(Map<String, ?> arguments) {
        return with(s -> s.arguments = Arguments.table("arguments", arguments));
    }

    /** Sets one argument, such as {@code x-priority}. */
    public ConsumeOptions argument(String name, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(settings.arguments);
        copy.put(Arguments.shortString("argument name", name), Arguments.tableValue("argument " + name, value));
        return with(s -> s.arguments = Collections.unmodifiableMap(copy));
    }

    /** Sets the priority: RabbitMQ delivers to consumers of higher priority first, {@code x-priority}; default 0. */
    public ConsumeOptions priority(int priority) {
        return argument("x-priority", priority);
    }

    /**
     * Sets the start position in a stream, {@code x-stream-offset}: {@code first}, {@code last} (the newest chunk),
     * {@code next} (messages published from now on, RabbitMQ's default), or an age such as {@code 5m} (Y, M, D, h, m,
     * s).
     */
    public ConsumeOptions streamOffset(String offset) {
        if (!STREAM_OFFSET.matcher(offset).matches()) {
            throw Arguments.invalid("streamOffset", offset, "first, last, next, or an age such as 5m");
        }
        return argument("x-stream-offset", offset);
    }

    /** Sets the start position in a stream as the offset of a message, at least 0: {@code x-stream-offset}. */
    public ConsumeOptions streamOffset(long offset) {
        return argument("x-stream-offset", Arguments.atLeast("streamOffset", offset, 0));
    }

    /** Sets the start position in a stream as a time, in whole seconds: {@code x-stream-offset}. */
    public ConsumeOptions streamOffset(Instant from) {
        return argument("x-stream-offset", from);
    }

    /** Returns the maximum number of unacknowledged messages that the broker sends; 0 is no limit. */
    public int prefetch() {
        return settings.prefetch == UNSET ? DEFAULT_PREFETCH : settings.prefetch;
    }

    /** Returns these options, with the given prefetch if they set none. */
    ConsumeOptions withDefaultPrefetch(int fallback) {
        return settings.prefetch == UNSET ? prefetch(fallback) : this;
    }

    /**
     * Sets the maximum number of unacknowledged messages that the broker sends, up to 65535; 0 is no limit; default:
     * that of {@link Channel#prefetch}, else 250.
     */
    public ConsumeOptions prefetch(int prefetch) {
        return with(s -> s.prefetch = Arguments.range("prefetch", prefetch, 0, MAX_PREFETCH));
    }

    /** Returns the content types that a {@link Consumer} decodes. */
    public Accept accept() {
        return settings.accept;
    }

    /**
     * Sets the content types that a {@link Consumer} decodes; default {@link Accept#safe()}. {@link Channel#consume}
     * does not decode bodies.
     */
    public ConsumeOptions accept(Accept accept) {
        requireNonNull(accept, "accept");
        return with(s -> s.accept = accept);
    }

    /** Returns whether a {@link Consumer} declares its queues when it starts. */
    public boolean autoDeclare() {
        return settings.autoDeclare;
    }

    /**
     * Sets whether a {@link Consumer} declares its queues when it starts; default true. {@link Channel#consume}
     * declares nothing.
     */
    public ConsumeOptions autoDeclare(boolean autoDeclare) {
        return with(s -> s.autoDeclare = autoDeclare);
    }

    /** Returns every option. */
    @Override
    public String toString() {
        return "ConsumeOptions{noAck=" + noAck() + ", exclusive=" + settings.exclusive + ", consumerTag='"
                + settings.consumerTag + "', arguments=" + settings.arguments + ", prefetch=" + prefetch()
                + ", accept=" + settings.accept.names() + ", autoDeclare=" + settings.autoDeclare + "}";
    }
}
