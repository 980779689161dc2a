package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The peer violated AMQP 0-9-1 or a limit of this library. The connection is closed with {@link #replyCode()}. Not
 * recoverable: the peer would violate the protocol again.
 */
public final class AmqpProtocolException extends AmqpException {
    private static final long serialVersionUID = 1L;

    private final ReplyCode replyCode;

    /** Creates the exception with the reply code for the peer (501 to 505, 541). */
    public AmqpProtocolException(String message, ReplyCode replyCode, @Nullable Throwable cause) {
        super(message, cause);
        this.replyCode = requireNonNull(replyCode, "replyCode");
    }

    private AmqpProtocolException(AmqpProtocolException original) {
        super(original);
        this.replyCode = original.replyCode;
    }

    /** Returns the reply code that the connection is closed with. */
    public ReplyCode replyCode() {
        return replyCode;
    }

    @Override
    public boolean recoverable() {
        return false;
    }

    @Override
    AmqpProtocolException copy() {
        return new AmqpProtocolException(this);
    }
}
