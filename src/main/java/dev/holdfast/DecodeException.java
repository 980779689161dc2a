package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A body is not in the format of its content type, or exceeds a size limit, also when decompressed; or the properties
 * of a message cannot be decoded.
 */
public final class DecodeException extends SerializationException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public DecodeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private DecodeException(DecodeException original) {
        super(original);
    }

    /**
     * Returns a part of a message.
     *
     * @param part null if it cannot be read
     * @param reason why a part of the message cannot be read; null only if all can
     * @throws DecodeException a copy of the reason, with the stack trace of the caller, if the part cannot be read
     */
    static <T> T readable(@Nullable T part, @Nullable DecodeException reason) {
        if (part == null) {
            throw requireNonNull(reason, "reason").copy();
        }
        return part;
    }

    /** The properties and the body for a toString, which never throws. */
    static String describe(
            @Nullable MessageProperties properties, byte @Nullable [] body, @Nullable DecodeException reason) {
        return (properties == null ? "" : ", properties=" + properties)
                + (body == null ? "" : ", body=" + body.length + " bytes")
                + (reason == null ? "" : ", unreadable: " + reason.getMessage());
    }

    @Override
    DecodeException copy() {
        return new DecodeException(this);
    }
}
