package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A publish timed out, lost its connection, used up its retries or was refused locally; {@link #delivery()} says
 * whether the broker may hold the message.
 */
public non-sealed class PublishException extends AmqpException {
    private static final long serialVersionUID = 1L;

    /** What is known of the delivery of a message whose publish failed. */
    public enum DeliveryStatus {
        /** No byte of the message was transferred to the transport: it was not delivered. */
        NOT_SENT,
        /** The message was sent, but not confirmed: it may have been delivered. */
        UNKNOWN
    }

    private final DeliveryStatus delivery;

    /** Creates the exception. */
    public PublishException(String message, @Nullable Throwable cause, DeliveryStatus delivery) {
        super(message, cause);
        this.delivery = requireNonNull(delivery, "delivery");
    }

    PublishException(PublishException original) {
        super(original);
        this.delivery = original.delivery;
    }

    /**
     * Returns what is known of the delivery. After an attempt with the status {@code UNKNOWN} the status of the publish
     * stays {@code UNKNOWN}, whatever later attempts return.
     */
    public final DeliveryStatus delivery() {
        return delivery;
    }

    /** Tells whether the cause is a recoverable {@link AmqpException}. */
    @Override
    public final boolean recoverable() {
        return getCause() instanceof AmqpException cause && cause.recoverable();
    }

    @Override
    PublishException copy() {
        return new PublishException(this);
    }
}
