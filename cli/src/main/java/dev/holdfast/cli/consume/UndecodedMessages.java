package dev.holdfast.cli.consume;

import dev.holdfast.Delivery;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.FailureLog;

/**
 * Counts and reports messages that cannot be decoded. They are neither acknowledged nor rejected, so the broker does
 * not redeliver them while the channel is open and requeues them when it closes. Thread-safe.
 */
final class UndecodedMessages {
    private final FailureLog failures;
    private long count;
    private long unacknowledged;
    private long epoch;

    UndecodedMessages(FailureLog failures) {
        this.failures = failures;
    }

    /**
     * Resets the unacknowledged count on a new link, since the broker has requeued the messages of the previous one.
     */
    synchronized void received(Delivery delivery) {
        if (delivery.epoch() != epoch) {
            epoch = delivery.epoch();
            unacknowledged = 0;
        }
    }

    synchronized void report(Delivery delivery, Exception error) {
        count++;
        unacknowledged++;
        failures.report(label(delivery), ErrorHandler.describe(error));
    }

    /** Returns what identifies a message for a user, as one line. */
    static String label(Delivery delivery) {
        return ErrorHandler.oneLine("message " + delivery.deliveryTag() + " (exchange '" + delivery.exchange()
                + "', routing key '" + delivery.routingKey() + "', "
                + contentType(delivery) + ", "
                + delivery.bodyLength() + " bytes" + (delivery.redelivered() ? ", redelivered)" : ")"));
    }

    private static String contentType(Delivery delivery) {
        if (delivery.decodeError() != null) {
            return "not readable";
        }
        String type = delivery.properties().contentType();
        return type == null ? "no content type" : "content type " + type;
    }

    /** Returns the number of undecoded messages that are unacknowledged on this link. */
    synchronized long unacknowledged() {
        return unacknowledged;
    }

    /** Returns the number of undecoded messages. One that is redelivered after a connection loss counts again. */
    synchronized long count() {
        return count;
    }
}
