package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The connection failed: it could not be opened, it was lost, or one side closed it. All its channels failed with it.
 */
public non-sealed class AmqpConnectionException extends AmqpException {
    private static final long serialVersionUID = 1L;

    /** The side that ended the connection. */
    public enum Initiator {
        /** This library, by a call of close or because the peer violated the protocol. */
        CLIENT,
        /** The broker, by connection.close or by a refusal during the handshake. */
        BROKER,
        /** Neither: a failure of the network or the operating system, or a missing heartbeat. */
        NETWORK
    }

    private final int replyCode;
    private final Initiator initiator;
    private final boolean recoverable;
    private final String failedMethod;

    /**
     * Creates the exception.
     *
     * @param replyCode the AMQP reply code, 0 for none; may be a code that {@link ReplyCode} does not contain
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
     * Returns the exception for a connection.close of the broker, with its reply text. 320 (connection forced: the
     * broker shuts down, or an operator closed the connection) and 506 (resource error) are recoverable. All others are
     * not: the same call would fail again.
     *
     * @param failedMethod the method that caused the close, such as {@code exchange.declare}, empty for none
     */
    public static AmqpConnectionException closedByBroker(int replyCode, String replyText, String failedMethod) {
        String message = closedByBrokerMessage("connection", replyCode, replyText, failedMethod);
        boolean recoverable =
                replyCode == ReplyCode.CONNECTION_FORCED.code() || replyCode == ReplyCode.RESOURCE_ERROR.code();
        return new AmqpConnectionException(message, null, replyCode, Initiator.BROKER, recoverable, failedMethod);
    }

    /** Returns the AMQP reply code, 0 for none; see {@link ReplyCode#of}. */
    public final int replyCode() {
        return replyCode;
    }

    /** Returns the side that ended the connection. */
    public final Initiator initiator() {
        return initiator;
    }

    /**
     * Returns the method that caused the broker's connection.close, such as {@code exchange.declare}; empty if the
     * broker names none or did not close the connection.
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
