package dev.holdfast;

/**
 * A {@link Message} was settled before, or was received without acknowledgement and cannot be requeued. Nothing was
 * sent.
 */
public final class MessageStateException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public MessageStateException(String message) {
        super(message);
    }
}
