package dev.holdfast.internal.state;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;

/**
 * Tells whether a request of this client caused a close by the broker, and creates the recoverable exception with which
 * the other requests fail.
 */
public final class BrokerFaults {
    private BrokerFaults() {}

    /** Whether the broker closed the connection because of something that this client sent. */
    public static boolean isFault(AmqpConnectionException cause) {
        return cause.initiator() == Initiator.BROKER && !cause.recoverable();
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
