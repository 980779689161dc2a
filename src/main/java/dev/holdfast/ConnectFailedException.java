package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * No connection could be opened: the host name was not resolved, the port refused, the peer does not speak AMQP 0-9-1,
 * the virtual host is unknown, {@link ConnectionOptions#connectTimeout} passed, or TLS failed ({@link
 * TlsFailedException}).
 */
public class ConnectFailedException extends AmqpConnectionException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception for a failure of the network, without a reply code. */
    public ConnectFailedException(String message, @Nullable Throwable cause, boolean recoverable) {
        this(message, cause, 0, Initiator.NETWORK, recoverable);
    }

    /** Creates the exception for a handshake that one side ended, with its reply code (0 for none). */
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
