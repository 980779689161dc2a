package dev.holdfast;

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
     * Called once the consumer has ended: the broker deleted its queue, closed its channel, or closed two connections
     * in a row when the consumer was restarted on them. Called on the same executor. Does nothing by default.
     */
    default void cancelled(String consumerTag) {}
}
