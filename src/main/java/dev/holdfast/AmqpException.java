package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * What every failure of this library is, wrong arguments ({@link IllegalArgumentException}) and wrong use ({@link
 * IllegalStateException}) apart. The subtype tells the scope that failed: the connection, a channel, one call, one
 * message. Where a broker gave a reason, its own words are in the message.
 *
 * <p>Messages never hold a secret. Instances are immutable but for the stack trace.
 */
public abstract sealed class AmqpException extends RuntimeException
        permits AmqpConnectionException,
                AmqpChannelException,
                AmqpProtocolException,
                AmqpTimeoutException,
                LimitExceededException,
                NackedException,
                PublishException,
                SerializationException,
                UnroutableException {
    private static final long serialVersionUID = 1L;

    AmqpException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * Tells whether the same call may succeed when it is tried again, on a new connection or channel if need be. Only
     * recoverable errors are retried by a {@link RetryPolicy}, unless {@link RetryPolicy#retryOn} says otherwise.
     */
    public abstract boolean recoverable();

    /** Returns the wording of a close by the broker: {@code channel 3 closed by broker: 404 NOT_FOUND (queue.bind)}. */
    static String closedByBrokerMessage(String closed, int replyCode, String replyText, String failedMethod) {
        StringBuilder text =
                new StringBuilder(closed).append(" closed by broker: ").append(replyCode);
        if (!replyText.isEmpty()) {
            text.append(' ').append(replyText);
        }
        if (!failedMethod.isEmpty()) {
            text.append(" (").append(failedMethod).append(')');
        }
        return text.toString();
    }
}
