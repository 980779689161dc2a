package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * No connection could be made: name not resolved, port refused, the peer speaks no AMQP 0-9-1, the virtual host is
 * unknown, {@link ConnectionOptions#connectTimeout} passed, or TLS failed, as {@link TlsFailedException}.
 */
public class ConnectFailedException extends AmqpConnectionException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception for a failure of the network, without a reply code. */
    public ConnectFailedException(String message, @Nullable Throwable cause, boolean recoverable) {
        this(message, cause, 0, Initiator.NETWORK, recoverable);
    }

    /** Makes the exception for a handshake that one side ended, with that side's reply code (0 for none). */
    public ConnectFailedException(
            String message, @Nullable Throwable cause, int replyCode, Initiator initiator, boolean recoverable) {
        super(message, cause, replyCode, initiator, recoverable);
    }

    ConnectFailedException(ConnectFailedException original) {
        super(original);
    }

    @Override
    ConnectFailedException copy() {
        return new ConnectFailedException(this);
    }
}
