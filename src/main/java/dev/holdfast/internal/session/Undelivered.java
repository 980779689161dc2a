package dev.holdfast.internal.session;

import dev.holdfast.AmqpException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import java.util.function.Supplier;

/** How a publish ends that the broker gave no verdict on: what is known of the message, and why it ends. */
public record Undelivered(DeliveryStatus delivery, AmqpException cause) implements Supplier<PublishException> {
    @Override
    public PublishException get() {
        String told = delivery == DeliveryStatus.NOT_SENT ? "not sent: " : "sent but not confirmed: ";
        return new PublishException(told + cause.getMessage(), cause, delivery);
    }
}
