package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.frame.MessageRecord;
import java.util.concurrent.CompletableFuture;

/**
 * A message in the delay between two attempts, copied out of the log so that no segment is retained for it.
 *
 * @param length how many bytes count as unconfirmed
 * @param attempts how many attempts have failed
 * @param deadline when the publish times out; {@link ConfirmWindow#NO_DEADLINE}: never
 * @param maybeDelivered whether the broker may hold the message from an earlier attempt
 * @param cause why the last attempt failed
 */
record ScheduledRetry(
        MessageRecord record,
        long length,
        CompletableFuture<Confirmation> future,
        PublishOptions options,
        int attempts,
        long deadline,
        boolean maybeDelivered,
        AmqpException cause) {
    DeliveryStatus status() {
        return maybeDelivered ? DeliveryStatus.UNKNOWN : DeliveryStatus.NOT_SENT;
    }
}
