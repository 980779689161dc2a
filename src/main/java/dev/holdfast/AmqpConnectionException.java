package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The connection failed: it could not be made, it was lost, or one side closed it. Every channel of that connection
 * failed with it.
 */
public non-sealed class AmqpConnectionException extends AmqpException {
    private static final long serialVersionUID = 1L;

    /** Who ended the connection. */
    public enum Initiator {
        /** This library, because it was told to or because the peer broke the protocol. */
        CLIENT,
        /** The broker, by connection.close or by a refusal during the handshake. */
        BROKER,
        /** Neither: the network, the operating system, or silence. */
        NETWORK
    }

    private final int replyCode;
    private final Initiator initiator;
    private final boolean recoverable;
    private final String failedMethod;

    /**
     * Makes the exception.
     *
     * @param replyCode the AMQP reply code, 0 for none; codes outside {@link ReplyCode} are kept as they came
     * @param recoverable whether a new connection may succeed
     */
    public AmqpConnectionException(
            String message, @Nullable Throwable cause, int replyCode, Initiator initiator, boolean recoverable) {
        this(message, cause, replyCode, initiator, recoverable, "");
    }

    private AmqpConnectionException(
            String message,
            @Nullable Throwable cause,
            int replyCode,
            Initiator initiator,
            boolean recoverable,
            String failedMethod) {
        super(message, cause);
        this.replyCode = replyCode;
        this.initiator = requireNonNull(initiator, "initiator");
        this.recoverable = recoverable;
        this.failedMethod = requireNonNull(failedMethod, "failedMethod");
    }

    AmqpConnectionException(AmqpConnectionException original) {
        super(original);
        this.replyCode = original.replyCode;
        this.initiator = original.initiator;
        this.recoverable = original.recoverable;
        this.failedMethod = original.failedMethod;
    }

    /**
     * Returns the exception for a connection.close of the broker, in the broker's words. 320 (connection forced: the
     * broker shuts down, or an operator closed the connection) and 506 (resource error) are recoverable, all others
     * are not: they would come again.
     *
     * @param failedMethod the method that the broker blames, such as {@code exchange.declare}, empty for none
     */
    public static AmqpConnectionException closedByBroker(int replyCode, String replyText, String failedMethod) {
        String message = closedByBrokerMessage("connection", replyCode, replyText, failedMethod);
        boolean recoverable =
                replyCode == ReplyCode.CONNECTION_FORCED.code() || replyCode == ReplyCode.RESOURCE_ERROR.code();
        return new AmqpConnectionException(message, null, replyCode, Initiator.BROKER, recoverable, failedMethod);
    }

    /** Returns the AMQP reply code, 0 when there is none; {@link ReplyCode#of} names the known ones. */
    public final int replyCode() {
        return replyCode;
    }

    /** Returns who ended the connection. */
    public final Initiator initiator() {
        return initiator;
    }

    /**
     * Returns the method that the broker blames in its connection.close, such as {@code exchange.declare}; empty when it
     * blames none, or closed nothing.
     */
    public final String failedMethod() {
        return failedMethod;
    }

    @Override
    public final boolean recoverable() {
        return recoverable;
    }

    @Override
    AmqpConnectionException copy() {
        return new AmqpConnectionException(this);
    }
}
