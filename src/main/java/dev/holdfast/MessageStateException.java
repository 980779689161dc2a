package dev.holdfast;

/** A {@link Message} was acknowledged, rejected or requeued a second time. Nothing was sent. */
public final class MessageStateException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public MessageStateException(String message) {
        super(message);
    }
}
