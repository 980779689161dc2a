package dev.holdfast;

/** Nothing was heard from the broker for two heartbeat intervals, so the connection was given up. Recoverable. */
public final class HeartbeatTimeoutException extends AmqpConnectionException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
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
