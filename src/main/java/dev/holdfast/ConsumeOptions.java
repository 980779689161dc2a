package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.serialization.Accept;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How a queue is consumed. Immutable; withers return a copy. */
public final class ConsumeOptions {
    /** What holds where neither these options nor the channel say it. */
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

    /** Returns the defaults: acknowledgements wanted, a tag of the broker's choice, 250 messages ahead. */
    public static ConsumeOptions defaults() {
        return DEFAULTS;
    }

    /** Returns the defaults with the queue's own {@link Queue#noAck()} and {@link Queue#consumerArguments()}. */
    public static ConsumeOptions of(Queue queue) {
        return DEFAULTS.withDefaultsOf(queue);
    }

    /** These options, and where they do not say it what the queue brings along; of its arguments each by its name. */
    ConsumeOptions withDefaultsOf(Queue queue) {
        ConsumeOptions all = settings.noAck == null ? noAck(queue.noAck()) : this;
        if (queue.consumerArguments().isEmpty()) {
            return all;
        }
        Map<String, Object> merged = new LinkedHashMap<>(queue.consumerArguments());
        merged.putAll(settings.arguments);
        return all.arguments(merged);
    }

    /** Tells whether the broker takes a message for handled once it is sent. */
    public boolean noAck() {
        return settings.noAck != null && settings.noAck;
    }

    /**
     * Sets whether the broker takes a message for handled once it is sent; default: for a {@link Consumer} what {@link
     * Queue#noAck()} says, else false. Prefetch has no effect then: the broker sends as fast as the network takes it, and
     * what a handler has not come to waits in memory, up to {@link ConnectionOptions#maxDeliveryBacklogBytes}.
     */
    public ConsumeOptions noAck(boolean noAck) {
        return with(s -> s.noAck = noAck);
    }

    /** Tells whether no other consumer may share the queue. */
    public boolean exclusive() {
        return settings.exclusive;
    }

    /** Sets whether no other consumer may share the queue; default false. */
    public ConsumeOptions exclusive(boolean exclusive) {
        return with(s -> s.exclusive = exclusive);
    }

    /** Returns the tag that names the consumer on its channel, empty when the broker chooses it. */
    public String consumerTag() {
        return settings.consumerTag;
    }

    /**
     * Sets the tag that names the consumer on its channel, at most 255 bytes; default empty: the broker chooses. For a
     * {@link Consumer}, which numbers its queues' consumers, it is what the tags begin with; default: something unique.
     */
    public ConsumeOptions consumerTag(String consumerTag) {
        return with(s -> s.consumerTag = Arguments.shortString("consumerTag", consumerTag));
    }

    /** Returns the arguments, unmodifiable. */
    public Map<String, Object> arguments() {
        return settings.arguments;
    }

    /** Replaces the arguments; default none. A {@link Consumer} adds those of its queue that are not here. Copied. */
    public ConsumeOptions arguments(Map<String, ?> arguments) {
        return with(s -> s.arguments = Arguments.table("arguments", arguments));
    }

    /** Sets one argument, such as {@code x-priority}. */
    public ConsumeOptions argument(String name, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(settings.arguments);
        copy.put(Arguments.shortString("argument name", name), Arguments.immutableCopy(value));
        return with(s -> s.arguments = Collections.unmodifiableMap(copy));
    }

    /** Sets the consumer's priority: RabbitMQ feeds higher ones first, {@code x-priority}; without it 0. */
    public ConsumeOptions priority(int priority) {
        return argument("x-priority", priority);
    }

    /**
     * Sets where in a stream to start, {@code x-stream-offset}: {@code first}, {@code last} (its newest chunk), {@code next}
     * (what comes from now on, RabbitMQ's default), or an age such as {@code 5m} (Y, M, D, h, m, s).
     */
    public ConsumeOptions streamOffset(String offset) {
        if (!STREAM_OFFSET.matcher(offset).matches()) {
            throw Arguments.invalid("streamOffset", offset, "first, last, next, or an age such as 5m");
        }
        return argument("x-stream-offset", offset);
    }

    /** Sets where in a stream to start, by the offset of a message: {@code x-stream-offset}. */
    public ConsumeOptions streamOffset(long offset) {
        return argument("x-stream-offset", Arguments.atLeast("streamOffset", offset, 0));
    }

    /** Sets from when on to read a stream, to the second: {@code x-stream-offset}. */
    public ConsumeOptions streamOffset(Instant from) {
        return argument("x-stream-offset", from);
    }

    /** Returns how many unacknowledged messages the broker sends ahead; 0 is no limit. */
    public int prefetch() {
        return settings.prefetch == UNSET ? DEFAULT_PREFETCH : settings.prefetch;
    }

    /** These options, with this prefetch where they do not say it. */
    ConsumeOptions withDefaultPrefetch(int fallback) {
        return settings.prefetch == UNSET ? prefetch(fallback) : this;
    }

    /**
     * Sets how many unacknowledged messages the broker sends ahead, up to 65535; 0 is no limit; default: what
     * {@link Channel#prefetch} says, else 250.
     */
    public ConsumeOptions prefetch(int prefetch) {
        return with(s -> s.prefetch = Arguments.range("prefetch", prefetch, 0, MAX_PREFETCH));
    }

    /** Returns what a {@link Consumer} decodes. */
    public Accept accept() {
        return settings.accept;
    }

    /**
     * Sets what a {@link Consumer} decodes; default {@link Accept#safe()}. {@link Channel#consume} hands out bodies as they
     * came.
     */
    public ConsumeOptions accept(Accept accept) {
        requireNonNull(accept, "accept");
        return with(s -> s.accept = accept);
    }

    /** Tells whether a {@link Consumer} declares its queues when it starts. */
    public boolean autoDeclare() {
        return settings.autoDeclare;
    }

    /**
     * Sets whether a {@link Consumer} declares its queues when it starts; default true. {@link Channel#consume} declares
     * nothing.
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
