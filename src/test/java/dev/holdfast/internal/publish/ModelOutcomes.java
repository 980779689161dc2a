package dev.holdfast.internal.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.NackedException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.UnroutableException;
import dev.holdfast.internal.publish.ModelMessage.Poison;
import java.util.concurrent.CancellationException;

/** Checks the outcome of a publish against the state of the model broker. */
final class ModelOutcomes {
    private ModelOutcomes() {}

    static void checkAll(ModelClient client) {
        long causes =
                client.messages.stream().filter(message -> message.closes > 0).count();
        for (ModelMessage message : client.messages) {
            check(message);
            // A message that caused two closes is not sent again, unless stop-and-wait found another cause first or had
            // no proof. A retry delay in between removes its free-retry flag.
            long others = causes - Math.min(1, message.closes) + client.closedChannels;
            require(message, message.closes <= (message.mayBeReordered() ? 3 : 2) + others);
        }
    }

    private static void check(ModelMessage message) {
        require(message, message.completions == 1);
        require(message, !message.lateWhileBlocked);
        require(message, message.received - message.discarded <= message.maxAttempts() + message.freeRetries);
        Throwable failure = message.failure;
        if (failure == null) {
            confirmed(message);
        } else if (failure instanceof RetriesExhaustedException exhausted) {
            require(message, message.maxAttempts() > 1 && exhausted.attempts() == message.maxAttempts());
            delivery(message, exhausted);
        } else if (failure instanceof PublishException unconfirmed) {
            delivery(message, unconfirmed);
        } else {
            require(message, allowed(message, failure));
        }
    }

    private static void confirmed(ModelMessage message) {
        require(message, message.acked);
        int attempts = message.confirmation.attempts();
        require(message, attempts >= 1 && attempts <= message.maxAttempts());
    }

    private static boolean allowed(ModelMessage message, Throwable failure) {
        if (failure instanceof UnroutableException) {
            return message.returned;
        } else if (failure instanceof NackedException) {
            return message.nacked && message.maxAttempts() == 1;
        } else if (failure instanceof AmqpChannelException) {
            boolean proven = message.poison == Poison.CHANNEL && message.closes > 0;
            return message.mayBeCause || message.declareFailed || proven;
        } else if (failure instanceof AmqpConnectionException) {
            return message.mayBeCause || (message.poison == Poison.CONNECTION && message.closes > 0);
        } else if (failure instanceof CancellationException) {
            return message.cancelled;
        }
        return failure instanceof IllegalArgumentException && message.tooLarge;
    }

    /** NOT_SENT must be true; UNKNOWN must have a reason. */
    private static void delivery(ModelMessage message, PublishException failure) {
        if (failure.delivery() == DeliveryStatus.NOT_SENT) {
            require(message, !message.mayBeHeldByBroker());
        } else {
            require(message, message.appended);
            boolean lost = failure.getCause() != null
                    && "lost".equals(failure.getCause().getMessage());
            require(
                    message,
                    !lost
                            || message.maxAttempts() > 1
                            || message.mayBeHeldByBroker()
                            || message.unreported > 0
                            || message.unread);
        }
    }

    private static void require(ModelMessage message, boolean condition) {
        if (!condition) {
            throw new AssertionError("not allowed: " + message);
        }
    }
}
