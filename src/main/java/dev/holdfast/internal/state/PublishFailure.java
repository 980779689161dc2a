package dev.holdfast.internal.state;

import dev.holdfast.AmqpException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import java.util.function.Supplier;

/**
 * The failure of a publish that the broker neither confirmed nor refused. Makes the exception of its future on demand,
 * so that many publishes which fail together share one small object until their futures complete.
 *
 * @param status whether the broker may hold the message
 * @param cause why the publish ends
 */
public record PublishFailure(DeliveryStatus status, AmqpException cause) implements Supplier<PublishException> {
    @Override
    public PublishException get() {
        return new PublishException(prefix(status) + cause.getMessage(), cause, status);
    }

    /** The failure of a publish because of an error of this client, such as a lack of memory. */
    public static PublishException afterError(DeliveryStatus status, Throwable error) {
        return new PublishException(prefix(status) + error, error, status);
    }

    private static String prefix(DeliveryStatus status) {
        return status == DeliveryStatus.NOT_SENT ? "not sent: " : "sent but not confirmed: ";
    }

    /** The failure of a publish with the immediate flag, which RabbitMQ answers by closing the connection. */
    public static PublishException immediateRefused(DeliveryStatus status) {
        return new PublishException(
                "immediate: true (expected: false, because RabbitMQ does not implement it and would close the"
                        + " connection)",
                null,
                status);
    }
}
