package dev.holdfast.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.NackedException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.Delivery;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.UnroutableException;
import java.util.concurrent.CancellationException;

/** What the outcome of a publish may be, measured by what its broker knows. */
final class ModelOutcomes {
    private ModelOutcomes() {}

    static void check(ModelMessage message) {
        assertThat(message.completions).as("one outcome: %s", message).isEqualTo(1);
        assertThat(message.written - message.discarded)
                .as("times sent: %s", message)
                .isLessThanOrEqualTo(message.maxAttempts());
        Throwable failure = message.failure;
        if (failure == null) {
            confirmed(message);
        } else if (failure instanceof RetriesExhaustedException exhausted) {
            assertThat(message.maxAttempts()).as("policy: %s", message).isGreaterThan(1);
            assertThat(exhausted.attempts()).as("attempts: %s", message).isEqualTo(message.maxAttempts());
            delivery(message, exhausted);
        } else if (failure instanceof PublishException unconfirmed) {
            delivery(message, unconfirmed);
        } else {
            require(message, allowed(message, failure));
        }
    }

    private static void confirmed(ModelMessage message) {
        require(message, message.acked);
        assertThat(message.confirmation.attempts()).as("attempts: %s", message).isBetween(1, message.maxAttempts());
    }

    private static boolean allowed(ModelMessage message, Throwable failure) {
        if (failure instanceof UnroutableException) {
            return message.returned;
        } else if (failure instanceof NackedException) {
            return message.nacked && message.maxAttempts() == 1;
        } else if (failure instanceof AmqpChannelException) {
            return message.blamed || message.declareFailed;
        } else if (failure instanceof CancellationException) {
            return message.cancelled;
        }
        return failure instanceof IllegalArgumentException && message.tooLarge;
    }

    /** NOT_SENT is a promise; UNKNOWN must have a reason. */
    private static void delivery(ModelMessage message, PublishException failure) {
        if (failure.delivery() == Delivery.NOT_SENT) {
            require(message, !message.mayBeHeldByBroker());
        } else {
            require(message, message.queued);
            boolean lost = failure.getCause() != null
                    && "lost".equals(failure.getCause().getMessage());
            require(message, !lost || message.maxAttempts() > 1 || message.mayBeHeldByBroker());
        }
    }

    private static void require(ModelMessage message, boolean condition) {
        assertThat(condition).as("allowed: %s", message).isTrue();
    }
}
