package dev.holdfast.internal.publish;

import dev.holdfast.Confirmation;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.frame.MessageRecord;
import java.util.concurrent.CompletableFuture;

/**
 * A message in the delay between two attempts, copied out of the log so that no segment is retained for it.
 *
 * @param attempts how many attempts have failed
 * @param deadline when the publish times out; {@link ConfirmWindow#NO_DEADLINE}: never
 * @param maybeDelivered whether the broker may hold the message from an earlier attempt
 */
record ScheduledRetry(
        MessageRecord record,
        CompletableFuture<Confirmation> future,
        PublishOptions options,
        int attempts,
        long deadline,
        boolean maybeDelivered) {}
