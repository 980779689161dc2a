package dev.holdfast;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The values of a {@link PublishOptions}, one field an option, with their defaults. Changed only by the wither that has
 * just made the copy.
 */
final class PublishSettings implements Cloneable {
    private static final int PERSISTENT = 2;
    private static final int MAX_OCTET = 255;

    String exchange = "";

    @Nullable
    Exchange exchangeDefinition;

    String routingKey = "";
    boolean mandatory;
    boolean immediate;

    @Nullable
    String serializer;

    @Nullable
    String compression;

    RetryPolicy retryPolicy = RetryPolicy.none();
    boolean autoDeclare = true;

    /** The default exchange of the producer that these options start from. */
    @Nullable
    Exchange producersOwn;

    /** As they were given. */
    List<Declarable> given = List.of();

    /** As they are sent; kept from copy to copy, so that a list once seen to stand is known again by its identity. */
    List<Declarable> declarations = List.of();

    @Nullable
    Consumer<ReturnedMessage> onReturn;

    @Nullable
    Duration timeout;

    @Nullable
    Duration confirmTimeout;

    MessageProperties properties = MessageProperties.EMPTY;

    /** After a change of what decides it. */
    void resolveDeclarations() {
        declarations = DeclareValidator.toSend(given, autoDeclare ? producersOwn : null);
    }

    int deliveryMode() {
        Integer own = properties.deliveryMode();
        if (own != null) {
            return own;
        }
        Integer ofExchange = exchangeDefinition == null ? null : exchangeDefinition.deliveryMode();
        return ofExchange == null ? PERSISTENT : ofExchange;
    }

    MessageProperties resolvedProperties() {
        return properties.deliveryMode() == null ? properties.deliveryMode(deliveryMode()) : properties;
    }

    /** Refuses properties that no frame could carry, as the withers of PublishOptions do one by one. */
    static void check(MessageProperties properties) {
        Integer deliveryMode = properties.deliveryMode();
        if (deliveryMode != null) {
            Arguments.range("deliveryMode", deliveryMode, 1, 2);
        }
        Integer priority = properties.priority();
        if (priority != null) {
            Arguments.range("priority", priority, 0, MAX_OCTET);
        }
        Arguments.optionalShortString("contentType", properties.contentType());
        Arguments.optionalShortString("contentEncoding", properties.contentEncoding());
        Arguments.optionalShortString("correlationId", properties.correlationId());
        Arguments.optionalShortString("replyTo", properties.replyTo());
        Arguments.optionalShortString("expiration", properties.expiration());
        Arguments.optionalShortString("messageId", properties.messageId());
        Arguments.optionalShortString("type", properties.type());
        Arguments.optionalShortString("userId", properties.userId());
        Arguments.optionalShortString("appId", properties.appId());
        Arguments.optionalShortString("reserved", properties.reserved());
        Map<String, Object> headers = properties.headers();
        if (headers != null) {
            headers.keySet().forEach(key -> Arguments.shortString("headers key", key));
        }
    }

    PublishSettings copy() {
        try {
            return (PublishSettings) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
