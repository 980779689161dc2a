package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** No serializer or compressor has this name or content type, or the optional library that it needs is not there. */
public final class SerializerNotInstalledException extends SerializationException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public SerializerNotInstalledException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private SerializerNotInstalledException(SerializerNotInstalledException original) {
        super(original);
    }

    @Override
    SerializerNotInstalledException copy() {
        return new SerializerNotInstalledException(this);
    }
}
