package dev.holdfast;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The values of a {@link PublishOptions}, one field per option, with their defaults. Only the wither that made a copy
 * changes it.
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

    /** The exchange of the producer from whose defaults these options are derived. */
    @Nullable
    Exchange producerExchange;

    /** The entities that the application asked to declare. */
    List<Declarable> requestedDeclarations = List.of();

    /** The entities to declare. Copies share the list, so that the publisher recognizes a declared list by identity. */
    List<Declarable> declarations = List.of();

    @Nullable
    Consumer<ReturnedMessage> onReturn;

    @Nullable
    Duration timeout;

    @Nullable
    Duration confirmTimeout;

    MessageProperties properties = MessageProperties.EMPTY;

    /** Computes {@link #declarations}; called after a change of the fields that it depends on. */
    void resolveDeclarations() {
        declarations = DeclareValidator.toSend(requestedDeclarations, autoDeclare ? producerExchange : null);
    }

    int deliveryMode() {
        Integer explicit = properties.deliveryMode();
        if (explicit != null) {
            return explicit;
        }
        Integer ofExchange = exchangeDefinition == null ? null : exchangeDefinition.deliveryMode();
        return ofExchange == null ? PERSISTENT : ofExchange;
    }

    MessageProperties resolvedProperties() {
        return properties.deliveryMode() == null ? properties.deliveryMode(deliveryMode()) : properties;
    }

    /** Refuses properties that cannot be encoded, as the withers of PublishOptions do for each property. */
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
        properties.headers().keySet().forEach(key -> Arguments.shortString("headers key", key));
    }

    PublishSettings copy() {
        try {
            return (PublishSettings) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
