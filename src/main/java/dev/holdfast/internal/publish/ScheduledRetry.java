package dev.holdfast.internal.publish;

import dev.holdfast.Confirmation;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.frame.MessageRecord;
import java.util.concurrent.CompletableFuture;

/**
 * A message between two attempts, copied out of the log so that it holds no segment.
 *
 * @param attempts how many attempts have failed
 * @param deadline when the whole publish must be over, {@link ConfirmWindow#NONE} for never
 * @param maybeDelivered whether the broker may hold it from an earlier attempt
 */
record ScheduledRetry(
        MessageRecord record,
        CompletableFuture<Confirmation> future,
        PublishOptions options,
        int attempts,
        long deadline,
        boolean maybeDelivered) {}
