package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** The bytes of a body are not of the format that they claim, or grow beyond bounds when decompressed. */
public final class DecodeException extends SerializationException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public DecodeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private DecodeException(DecodeException original) {
        super(original);
    }

    @Override
    DecodeException copy() {
        return new DecodeException(this);
    }
}
