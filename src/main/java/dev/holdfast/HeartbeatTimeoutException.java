package dev.holdfast;

/** The connection was closed because the broker sent nothing for two heartbeat intervals. Recoverable. */
public final class HeartbeatTimeoutException extends AmqpConnectionException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public HeartbeatTimeoutException(String message) {
        super(message, null, 0, Initiator.NETWORK, true);
    }

    private HeartbeatTimeoutException(HeartbeatTimeoutException original) {
        super(original);
    }

    @Override
    HeartbeatTimeoutException copy() {
        return new HeartbeatTimeoutException(this);
    }
}
