package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** A body is not in the format of its content type, or exceeds the size limit when decompressed. */
public final class DecodeException extends SerializationException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
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
