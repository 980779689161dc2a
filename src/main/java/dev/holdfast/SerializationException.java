package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** A body could not be encoded or decoded. A message that could not be encoded was not sent. Not recoverable. */
public sealed class SerializationException extends AmqpException
        permits ContentDisallowedException, DecodeException, SerializerNotInstalledException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public SerializationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    SerializationException(SerializationException original) {
        super(original);
    }

    @Override
    public final boolean recoverable() {
        return false;
    }

    @Override
    SerializationException copy() {
        return new SerializationException(this);
    }
}
