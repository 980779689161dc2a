package dev.holdfast.cli.consume;

import dev.holdfast.Delivery;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.MessageErrorLog;

/**
 * Tells of messages that cannot be printed. They are neither acknowledged nor rejected: so the broker does not hand them
 * out again until the channel ends, and then the queue has them back. One thread.
 */
final class UndecodedMessages {
    private final MessageErrorLog complaints;
    private long count;
    private long held;
    private long epoch;

    UndecodedMessages(MessageErrorLog complaints) {
        this.complaints = complaints;
    }

    /** Notes by which link a message came: with the one before, the broker took back what was held. */
    void arrived(Delivery delivery) {
        if (delivery.epoch() != epoch) {
            epoch = delivery.epoch();
            held = 0;
        }
    }

    void add(Delivery delivery, Exception why) {
        count++;
        held++;
        String type = delivery.properties().contentType();
        complaints.add(
                ErrorHandler.oneLine("message " + delivery.deliveryTag() + " (exchange '" + delivery.exchange()
                        + "', routing key '" + delivery.routingKey() + "', "
                        + (type == null ? "no content type" : "content type " + type) + ", "
                        + delivery.body().length + " bytes" + (delivery.redelivered() ? ", redelivered)" : ")")),
                ErrorHandler.describe(why));
    }

    /** How many are unacknowledged. */
    long held() {
        return held;
    }

    /** How many there were; one that came again after a lost connection counts again. */
    long count() {
        return count;
    }
}
