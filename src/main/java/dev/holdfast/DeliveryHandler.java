package dev.holdfast;

/** What a consumer does with a message. */
@FunctionalInterface
public interface DeliveryHandler {
    /**
     * Handles a message, on {@link ConnectionOptions#deliveryExecutor() the delivery executor}; the messages of one
     * consumer come one after the other.
     *
     * @throws Exception when it cannot; the message then stays unacknowledged unless the handler acknowledged it before
     */
    void handle(Delivery delivery) throws Exception;

    /**
     * The consumer has ended: the broker deleted its queue or closed its channel, or closed two connections in a row when it
     * was started again on them. Called on the same executor; does nothing unless overridden.
     */
    default void cancelled(String consumerTag) {}
}
