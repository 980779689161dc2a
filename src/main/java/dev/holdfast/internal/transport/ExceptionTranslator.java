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

/** Translates the exceptions of the pipeline into {@link AmqpException}s. Stateless. */
final class ExceptionTranslator {
    private ExceptionTranslator() {}

    /** Translates a failure of an open link. */
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
                "connection closed after an unexpected exception: " + cause,
                cause,
                ReplyCode.INTERNAL_ERROR.code(),
                Initiator.CLIENT,
                cause instanceof Error); // a lack of memory may pass, and says nothing of the messages in flight
    }

    /** The first exception of this type in a chain of causes. */
    static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    /** The cause of a DecoderException, in which Netty wraps the exceptions of a decoder. */
    static Throwable unwrap(Throwable failure) {
        return failure instanceof DecoderException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
