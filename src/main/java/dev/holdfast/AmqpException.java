package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The base class of all failures of this library, except wrong arguments ({@link IllegalArgumentException}) and wrong
 * use ({@link IllegalStateException}). The subclass tells the scope of the failure: the connection, a channel, one call
 * or one message. A reply text of the broker is quoted in the message.
 *
 * <p>Messages contain no secrets. A blocking call throws an instance of its own, with the caller's stack trace, and
 * each future fails with an instance of its own: no other caller sees a suppressed exception that is added to it. Calls
 * and publishes that fail for the same reason share the exception in {@link #getCause()}.
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

    /** Copies the message, the cause and the suppressed exceptions. The stack trace is that of the current thread. */
    AmqpException(AmqpException original) {
        super(original.getMessage(), original.getCause());
        for (Throwable suppressed : original.getSuppressed()) {
            addSuppressed(suppressed);
        }
    }

    /**
     * Tells whether the same call may succeed on another attempt, if necessary on a new connection or channel. A {@link
     * RetryPolicy} retries recoverable failures only, unless {@link RetryPolicy#retryOn} is set.
     */
    public abstract boolean recoverable();

    /** Returns a copy with the stack trace of the current thread. Each class of the library returns its own type. */
    abstract AmqpException copy();

    /**
     * Returns the exception that a blocking call throws: a copy with the caller's stack trace, because one failure may
     * end the calls of several threads. A subclass from outside the library cannot be copied and is returned as it is.
     */
    final AmqpException forCaller() {
        AmqpException copy = copy();
        return copy.getClass() == getClass() ? copy : this;
    }

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
