package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** A message came with a content type that its reader does not accept; nothing of its body was looked at. */
public final class ContentDisallowedException extends SerializationException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
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
