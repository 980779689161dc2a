package dev.holdfast.internal.transport;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.protocol.UnknownMethodException;
import dev.holdfast.internal.wire.MalformedException;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The one place where what went wrong in the pipeline becomes a typed exception. Stateless. */
final class ExceptionTranslator {
    private ExceptionTranslator() {}

    /** The exception to hand on. */
    static AmqpException typed(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof AmqpException typed) {
            return typed;
        }
        if (cause instanceof MalformedException) {
            return new AmqpProtocolException("malformed frame: " + cause.getMessage(), ReplyCode.SYNTAX_ERROR, cause);
        }
        if (cause instanceof UnknownMethodException) {
            return new AmqpProtocolException(String.valueOf(cause.getMessage()), ReplyCode.COMMAND_INVALID, cause);
        }
        if (cause instanceof IOException) {
            return new AmqpConnectionException(
                    "connection lost: " + cause.getMessage(), cause, 0, Initiator.NETWORK, true);
        }
        return new AmqpConnectionException(
                "connection given up: " + cause, cause, ReplyCode.INTERNAL_ERROR.code(), Initiator.CLIENT, false);
    }

    /** The first of this type among a failure and its causes. */
    static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    /** What a decoder wrapped. */
    static Throwable unwrap(Throwable failure) {
        return failure instanceof DecoderException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
