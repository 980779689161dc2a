package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** A received message has a content type that is not accepted. Its body was not decoded. */
public final class ContentDisallowedException extends SerializationException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public ContentDisallowedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private ContentDisallowedException(ContentDisallowedException original) {
        super(original);
    }

    @Override
    ContentDisallowedException copy() {
        return new ContentDisallowedException(this);
    }
}
