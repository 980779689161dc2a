// Generated from protocol-spec/amqp0-9-1.xml. Do not edit.
package dev.holdfast;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a message. A property that is not set is null; headers are then empty. A
 * method with an argument returns a copy with that property changed. Immutable and thread-safe
 * if the values inside the headers are.
 */
public final class MessageProperties {
    /**
     * An instance with no property set.
     */
    public static final MessageProperties EMPTY = new MessageProperties(null, null, Map.of(), null,
            null, null, null, null, null, null, null, null, null, null);

    private final @Nullable String contentType;

    private final @Nullable String contentEncoding;

    private final Map<String, Object> headers;

    private final @Nullable Integer deliveryMode;

    private final @Nullable Integer priority;

    private final @Nullable String correlationId;

    private final @Nullable String replyTo;

    private final @Nullable String expiration;

    private final @Nullable String messageId;

    private final @Nullable Instant timestamp;

    private final @Nullable String type;

    private final @Nullable String userId;

    private final @Nullable String appId;

    private final @Nullable String reserved;

    private MessageProperties(@Nullable String contentType, @Nullable String contentEncoding,
            Map<String, Object> headers, @Nullable Integer deliveryMode, @Nullable Integer priority,
            @Nullable String correlationId, @Nullable String replyTo, @Nullable String expiration,
            @Nullable String messageId, @Nullable Instant timestamp, @Nullable String type,
            @Nullable String userId, @Nullable String appId, @Nullable String reserved) {
        this.contentType = contentType;
        this.contentEncoding = contentEncoding;
        this.headers = headers;
        this.deliveryMode = deliveryMode;
        this.priority = priority;
        this.correlationId = correlationId;
        this.replyTo = replyTo;
        this.expiration = expiration;
        this.messageId = messageId;
        this.timestamp = timestamp;
        this.type = type;
        this.userId = userId;
        this.appId = appId;
        this.reserved = reserved;
    }

    /**
     * MIME type of the body, such as "application/json". Null if not set.
     */
    public @Nullable String contentType() {
        return contentType;
    }

    /**
     * Returns a copy with the given value of content-type.
     *
     * @param contentType MIME type of the body, such as "application/json"; null unsets it
     */
    public MessageProperties contentType(@Nullable String contentType) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Encoding of the body: a character set or a compression; brokers do not read it. Null if not set.
     */
    public @Nullable String contentEncoding() {
        return contentEncoding;
    }

    /**
     * Returns a copy with the given value of content-encoding.
     *
     * @param contentEncoding encoding of the body: a character set or a compression; brokers do not read it; null
     *     unsets it
     */
    public MessageProperties contentEncoding(@Nullable String contentEncoding) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Named values of the application; a headers exchange routes by them. Unmodifiable; empty if not set.
     */
    public Map<String, Object> headers() {
        return headers;
    }

    /**
     * Returns a copy with the given value of headers. Copies the map, but not the values in it. An empty map is
     * not sent.
     *
     * @param headers named values of the application; a headers exchange routes by them; null unsets it
     */
    public MessageProperties headers(@Nullable Map<String, Object> headers) {
        return new MessageProperties(contentType, contentEncoding,
                headers == null || headers.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(headers)),
                deliveryMode, priority, correlationId, replyTo, expiration, messageId, timestamp,
                type, userId, appId, reserved);
    }

    /**
     * 1 is transient, 2 is persistent: kept across a restart of the broker if the queue is durable. Null if not
     * set.
     */
    public @Nullable Integer deliveryMode() {
        return deliveryMode;
    }

    /**
     * Returns a copy with the given value of delivery-mode.
     *
     * @param deliveryMode 1 is transient, 2 is persistent: kept across a restart of the broker if the queue is
     *     durable; null unsets it
     * @throws IllegalArgumentException if the value is not in the range 0 to 255
     */
    public MessageProperties deliveryMode(@Nullable Integer deliveryMode) {
        checkOctet("delivery-mode", deliveryMode);
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Priority from 0 to 255; a queue declared with priorities delivers higher values first. Null if not set.
     */
    public @Nullable Integer priority() {
        return priority;
    }

    /**
     * Returns a copy with the given value of priority.
     *
     * @param priority priority from 0 to 255; a queue declared with priorities delivers higher values first; null
     *     unsets it
     * @throws IllegalArgumentException if the value is not in the range 0 to 255
     */
    public MessageProperties priority(@Nullable Integer priority) {
        checkOctet("priority", priority);
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Identifier that relates a reply to its request. Null if not set.
     */
    public @Nullable String correlationId() {
        return correlationId;
    }

    /**
     * Returns a copy with the given value of correlation-id.
     *
     * @param correlationId identifier that relates a reply to its request; null unsets it
     */
    public MessageProperties correlationId(@Nullable String correlationId) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Address for the reply, usually the name of a queue. Null if not set.
     */
    public @Nullable String replyTo() {
        return replyTo;
    }

    /**
     * Returns a copy with the given value of reply-to.
     *
     * @param replyTo address for the reply, usually the name of a queue; null unsets it
     */
    public MessageProperties replyTo(@Nullable String replyTo) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Milliseconds, as decimal digits in a string, until the broker may drop the message from its queue. Null if
     * not set.
     */
    public @Nullable String expiration() {
        return expiration;
    }

    /**
     * Returns a copy with the given value of expiration.
     *
     * @param expiration milliseconds, as decimal digits in a string, until the broker may drop the message from
     *     its queue; null unsets it
     */
    public MessageProperties expiration(@Nullable String expiration) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Identifier of the message, set by the application; brokers do not read it. Null if not set.
     */
    public @Nullable String messageId() {
        return messageId;
    }

    /**
     * Returns a copy with the given value of message-id.
     *
     * @param messageId identifier of the message, set by the application; brokers do not read it; null unsets it
     */
    public MessageProperties messageId(@Nullable String messageId) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Creation time of the message, in whole seconds. Null if not set.
     */
    public @Nullable Instant timestamp() {
        return timestamp;
    }

    /**
     * Returns a copy with the given value of timestamp. Truncates the value to whole seconds, the resolution on
     * the wire.
     *
     * @param timestamp creation time of the message, in whole seconds; null unsets it
     */
    public MessageProperties timestamp(@Nullable Instant timestamp) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId,
                timestamp == null ? null : timestamp.truncatedTo(ChronoUnit.SECONDS), type, userId,
                appId, reserved);
    }

    /**
     * Name of the kind of message, set by the application. Null if not set.
     */
    public @Nullable String type() {
        return type;
    }

    /**
     * Returns a copy with the given value of type.
     *
     * @param type name of the kind of message, set by the application; null unsets it
     */
    public MessageProperties type(@Nullable String type) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * User who published the message; RabbitMQ rejects a name that is not the connection's user. Null if not set.
     */
    public @Nullable String userId() {
        return userId;
    }

    /**
     * Returns a copy with the given value of user-id.
     *
     * @param userId user who published the message; RabbitMQ rejects a name that is not the connection's user;
     *     null unsets it
     */
    public MessageProperties userId(@Nullable String userId) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Application that published the message. Null if not set.
     */
    public @Nullable String appId() {
        return appId;
    }

    /**
     * Returns a copy with the given value of app-id.
     *
     * @param appId application that published the message; null unsets it
     */
    public MessageProperties appId(@Nullable String appId) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Unused, leave it unset; earlier versions carried a cluster id here. Null if not set.
     */
    public @Nullable String reserved() {
        return reserved;
    }

    /**
     * Returns a copy with the given value of reserved.
     *
     * @param reserved unused, leave it unset; earlier versions carried a cluster id here; null unsets it
     */
    public MessageProperties reserved(@Nullable String reserved) {
        return new MessageProperties(contentType, contentEncoding, headers, deliveryMode, priority,
                correlationId, replyTo, expiration, messageId, timestamp, type, userId, appId,
                reserved);
    }

    /**
     * Compares all properties, and headers deeply: by the contents of arrays, lists and maps.
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MessageProperties that
                && Objects.equals(contentType, that.contentType)
                && Objects.equals(contentEncoding, that.contentEncoding)
                && TableEquality.equal(headers, that.headers)
                && Objects.equals(deliveryMode, that.deliveryMode)
                && Objects.equals(priority, that.priority)
                && Objects.equals(correlationId, that.correlationId)
                && Objects.equals(replyTo, that.replyTo)
                && Objects.equals(expiration, that.expiration)
                && Objects.equals(messageId, that.messageId)
                && Objects.equals(timestamp, that.timestamp)
                && Objects.equals(type, that.type)
                && Objects.equals(userId, that.userId)
                && Objects.equals(appId, that.appId)
                && Objects.equals(reserved, that.reserved);
    }

    @Override
    public int hashCode() {
        return Objects.hash(contentType, contentEncoding, TableEquality.hash(headers), deliveryMode,
                priority, correlationId, replyTo, expiration, messageId, timestamp, type, userId,
                appId, reserved);
    }

    /**
     * Lists the properties that are set. Truncates a header to 64 characters.
     */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", "MessageProperties{", "}");
        if (contentType != null) {
            text.add("contentType=" + contentType);
        }
        if (contentEncoding != null) {
            text.add("contentEncoding=" + contentEncoding);
        }
        if (!headers.isEmpty()) {
            text.add("headers=" + tableText(headers));
        }
        if (deliveryMode != null) {
            text.add("deliveryMode=" + deliveryMode);
        }
        if (priority != null) {
            text.add("priority=" + priority);
        }
        if (correlationId != null) {
            text.add("correlationId=" + correlationId);
        }
        if (replyTo != null) {
            text.add("replyTo=" + replyTo);
        }
        if (expiration != null) {
            text.add("expiration=" + expiration);
        }
        if (messageId != null) {
            text.add("messageId=" + messageId);
        }
        if (timestamp != null) {
            text.add("timestamp=" + timestamp);
        }
        if (type != null) {
            text.add("type=" + type);
        }
        if (userId != null) {
            text.add("userId=" + userId);
        }
        if (appId != null) {
            text.add("appId=" + appId);
        }
        if (reserved != null) {
            text.add("reserved=" + reserved);
        }
        return text.toString();
    }

    private static void checkOctet(String name, @Nullable Integer value) {
        if (value != null && (value < 0 || value > 255)) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0 to 255)");
        }
    }

    private static String tableText(Map<String, Object> table) {
        StringJoiner text = new StringJoiner(", ", "{", "}");
        for (Map.Entry<String, Object> entry : table.entrySet()) {
            @Nullable Object value = entry.getValue();
            String valueText = value instanceof byte[] bytes ? bytes.length + " bytes" : String.valueOf(value);
            text.add(entry.getKey() + "="
                    + (valueText.length() > 64 ? valueText.substring(0, 64) + "..." : valueText));
        }
        return text.toString();
    }
}
