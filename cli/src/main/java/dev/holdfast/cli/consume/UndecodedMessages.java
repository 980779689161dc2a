package dev.holdfast.cli.consume;

import dev.holdfast.Delivery;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.MessageErrorLog;

/**
 * Tells of messages that cannot be printed. They are neither acknowledged nor rejected: so the broker does not hand them
 * out again until the channel ends, and then the queue has them back. One thread.
 */
final class UndecodedMessages {
    private final MessageErrorLog errorLog;
    private long count;
    private long unacknowledged;
    private long epoch;

    UndecodedMessages(MessageErrorLog errorLog) {
        this.errorLog = errorLog;
    }

    /** Notes by which link a message came: with the one before, the broker took back what was held. */
    void received(Delivery delivery) {
        if (delivery.epoch() != epoch) {
            epoch = delivery.epoch();
            unacknowledged = 0;
        }
    }

    void report(Delivery delivery, Exception error) {
        count++;
        unacknowledged++;
        String type = delivery.properties().contentType();
        errorLog.report(
                ErrorHandler.oneLine("message " + delivery.deliveryTag() + " (exchange '" + delivery.exchange()
                        + "', routing key '" + delivery.routingKey() + "', "
                        + (type == null ? "no content type" : "content type " + type) + ", "
                        + delivery.body().length + " bytes" + (delivery.redelivered() ? ", redelivered)" : ")")),
                ErrorHandler.describe(error));
    }

    /** How many are unacknowledged. */
    long unacknowledged() {
        return unacknowledged;
    }

    /** How many there were; one that came again after a lost connection counts again. */
    long count() {
        return count;
    }
}
