package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The broker refused the login. Not recoverable: the same credentials would be refused again. A broker that refuses by
 * closing the socket cannot be distinguished from a failed network: this is recoverable, until it has happened three
 * times.
 */
public final class AuthenticationFailedException extends AmqpConnectionException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception for a refusal without a reply code. */
    public AuthenticationFailedException(String message, @Nullable Throwable cause) {
        this(message, cause, 0);
    }

    /** Creates the exception for a login during which the socket was closed: refused, or lost with the network. */
    public AuthenticationFailedException(String message, @Nullable Throwable cause, boolean recoverable) {
        super(message, cause, 0, Initiator.BROKER, recoverable);
    }

    /** Creates the exception with the broker's reply code, usually 403. */
    public AuthenticationFailedException(String message, @Nullable Throwable cause, int replyCode) {
        super(message, cause, replyCode, Initiator.BROKER, false);
    }

    private AuthenticationFailedException(AuthenticationFailedException original) {
        super(original);
    }

    @Override
    AuthenticationFailedException copy() {
        return new AuthenticationFailedException(this);
    }
}
