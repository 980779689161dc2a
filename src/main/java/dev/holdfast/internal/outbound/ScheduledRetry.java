package dev.holdfast.internal.outbound;

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
 * @param status whether the broker may hold the message from an earlier attempt
 * @param cause why the last attempt failed
 */
public record ScheduledRetry(
        MessageRecord record,
        long length,
        CompletableFuture<Confirmation> future,
        PublishOptions options,
        int attempts,
        long deadline,
        DeliveryStatus status,
        AmqpException cause) {

    /** Whether the publish has timed out. */
    public boolean isOver(long now) {
        return deadline != ConfirmWindow.NO_DEADLINE && now - deadline >= 0;
    }
}
