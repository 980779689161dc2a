package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** No serializer or compressor has the name or content type, or the optional library that it requires is absent. */
public final class SerializerNotInstalledException extends SerializationException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
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
