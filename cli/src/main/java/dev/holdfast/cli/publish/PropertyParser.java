package dev.holdfast.cli.publish;

import dev.holdfast.PublishOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.TreeMap;

/** Parses {@code --property}, by AMQP property names. */
final class PropertyParser {
    private static final Map<String, Setter> SETTERS = new TreeMap<>(Map.ofEntries(
            Map.entry("content-type", PublishOptions::contentType),
            Map.entry("content-encoding", PublishOptions::contentEncoding),
            Map.entry("delivery-mode", (options, value) -> options.deliveryMode(integer("delivery-mode", value))),
            Map.entry("priority", (options, value) -> options.priority(integer("priority", value))),
            Map.entry("correlation-id", PublishOptions::correlationId),
            Map.entry("reply-to", (options, value) -> options.replyTo(value)),
            Map.entry("expiration", (options, value) -> options.expiration(milliseconds(value))),
            Map.entry("message-id", PublishOptions::messageId),
            Map.entry("timestamp", (options, value) -> options.timestamp(timestamp(value))),
            Map.entry("type", PublishOptions::type),
            Map.entry("user-id", PublishOptions::userId),
            Map.entry("app-id", PublishOptions::appId),
            Map.entry("cluster-id", PublishOptions::clusterId)));

    @FunctionalInterface
    private interface Setter {
        PublishOptions set(PublishOptions options, String value);
    }

    private PropertyParser() {}

    /**
     * Sets one property.
     *
     * @throws IllegalArgumentException if the name is unknown or the value invalid; the message names it
     */
    static PublishOptions setProperty(PublishOptions options, String name, String value) {
        Setter setter = SETTERS.get(name);
        if (setter == null) {
            throw new IllegalArgumentException("--property: " + name + " (expected: one of "
                    + String.join(", ", SETTERS.keySet()) + "; --header sets other names)");
        }
        return setter.set(options, value);
    }

    private static int integer(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--property " + name + ": " + value + " (expected: an integer)", e);
        }
    }

    private static Duration milliseconds(String value) {
        try {
            return Duration.ofMillis(Long.parseLong(value));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--property expiration: " + value + " (expected: milliseconds)", e);
        }
    }

    private static Instant timestamp(String value) {
        try {
            return value.matches("-?\\d+") ? Instant.ofEpochSecond(Long.parseLong(value)) : Instant.parse(value);
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--property timestamp: " + value + " (expected: seconds since 1970, or 2026-01-31T12:00:00Z)", e);
        }
    }
}
