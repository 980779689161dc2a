package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The broker refused the login. Not recoverable: the same credentials would be refused again. Two refusals are
 * recoverable: one by a closed socket, which cannot be distinguished from a failed network, until it has happened in
 * three rounds; and one at a reconnect, see {@link ConnectionOptions#reconnectLimit}.
 */
public final class AuthenticationFailedException extends AmqpConnectionException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception for a refusal without a reply code. */
    public AuthenticationFailedException(String message, @Nullable Throwable cause) {
        this(message, cause, 0);
    }

    /** Creates the exception for a login during which the socket was closed: refused, or lost with the network. */
    public AuthenticationFailedException(String message, @Nullable Throwable cause, boolean recoverable) {
        this(message, cause, 0, recoverable);
    }

    /** Creates the exception with the broker's reply code, usually 403. */
    public AuthenticationFailedException(String message, @Nullable Throwable cause, int replyCode) {
        this(message, cause, replyCode, false);
    }

    /** Creates the exception with the broker's reply code, of a refusal that may or may not pass. */
    public AuthenticationFailedException(
            String message, @Nullable Throwable cause, int replyCode, boolean recoverable) {
        super(message, cause, replyCode, Initiator.BROKER, recoverable);
    }

    private AuthenticationFailedException(AuthenticationFailedException original) {
        super(original);
    }

    @Override
    AuthenticationFailedException copy() {
        return new AuthenticationFailedException(this);
    }
}
