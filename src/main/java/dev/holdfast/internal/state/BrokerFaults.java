package dev.holdfast.internal.state;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ReplyCode;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a request of this client caused a close by the broker, and creates the recoverable exception with which
 * the other requests fail.
 */
public final class BrokerFaults {
    private static final int INTERNAL_ERROR = ReplyCode.INTERNAL_ERROR.code();

    private BrokerFaults() {}

    /** Whether the broker closed an open connection because of something that this client sent. */
    public static boolean isFault(AmqpConnectionException cause) {
        return cause.initiator() == Initiator.BROKER
                && !cause.recoverable()
                && !(cause instanceof AuthenticationFailedException)
                && !(cause instanceof ConnectFailedException);
    }

    /**
     * The reason if this client closed the connection because it could not process what the broker sent: a violation of
     * the protocol, or an unexpected exception. Null for any other end of a connection.
     */
    public static @Nullable AmqpException unprocessable(AmqpConnectionException cause) {
        if (cause.getCause() instanceof AmqpProtocolException violation) {
            return violation;
        }
        boolean internal = cause.initiator() == Initiator.CLIENT && cause.replyCode() == INTERNAL_ERROR;
        return internal ? cause : null;
    }

    /** The same close for a request that did not cause it: an equal exception that a retry may recover from. */
    public static AmqpException recoverableCopy(AmqpException cause) {
        if (cause instanceof AmqpChannelException refused) {
            return new AmqpChannelException(
                    String.valueOf(cause.getMessage()),
                    refused.channel(),
                    refused.replyCode(),
                    refused.failedMethod(),
                    true);
        }
        return cause instanceof AmqpConnectionException lost && isFault(lost)
                ? new AmqpConnectionException(
                        String.valueOf(lost.getMessage()), lost, lost.replyCode(), lost.initiator(), true)
                : cause;
    }
}
