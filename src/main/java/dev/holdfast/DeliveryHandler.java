package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** Handles the deliveries of a consumer that {@link Channel#consume} starts. */
@FunctionalInterface
public interface DeliveryHandler {
    /**
     * Handles a delivery. Called on {@link ConnectionOptions#deliveryExecutor()}, one delivery of a consumer at a time.
     *
     * @throws Exception if it fails; the exception is logged, and the message stays unacknowledged unless the handler
     *     settled it before
     */
    void handle(Delivery delivery) throws Exception;

    /**
     * Called once the consumer has ended: the broker deleted its queue or cancelled it for an acknowledgement that took
     * too long, its channel was closed, it could not be restored within {@link ConnectionOptions#restoreLimit()}, or
     * it ended two connections in a row, when it was restarted or by a delivery that could not be processed. Called on
     * the same executor. Does nothing by default. Deliveries that wait for the handler are dropped then, unless they
     * are noAck.
     */
    default void cancelled(String consumerTag) {}

    /**
     * As {@link #cancelled(String)}, which is called by default, with the reason.
     *
     * @param reason null if the broker cancelled the consumer, because its queue was deleted or moved to another node
     */
    default void cancelled(String consumerTag, @Nullable AmqpException reason) {
        cancelled(consumerTag);
    }
}
