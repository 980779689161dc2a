package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A publish failed for a reason other than the broker's verdict; {@link #delivery()} tells what became of the message.
 */
public non-sealed class PublishException extends AmqpException {
    private static final long serialVersionUID = 1L;

    /** What is known of the message when its publish fails. */
    public enum DeliveryStatus {
        /** No byte of the message was handed to the transport: it was not delivered. */
        NOT_SENT,
        /** The message was sent, but the broker did not answer for it: it may have been delivered. */
        UNKNOWN
    }

    private final DeliveryStatus delivery;

    /** Makes the exception. */
    public PublishException(String message, @Nullable Throwable cause, DeliveryStatus delivery) {
        super(message, cause);
        this.delivery = requireNonNull(delivery, "delivery");
    }

    PublishException(PublishException original) {
        super(original);
        this.delivery = original.delivery;
    }

    /**
     * Returns what is known of the message. {@code UNKNOWN} is sticky: once an attempt ended so, no later attempt makes
     * it better.
     */
    public final DeliveryStatus delivery() {
        return delivery;
    }

    /** Tells whether the cause is recoverable; without a cause of this library, false. */
    @Override
    public final boolean recoverable() {
        return getCause() instanceof AmqpException cause && cause.recoverable();
    }

    @Override
    PublishException copy() {
        return new PublishException(this);
    }
}
