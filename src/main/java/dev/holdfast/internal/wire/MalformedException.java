package dev.holdfast.internal.wire;

/** The peer's bytes do not follow the grammar. The message says what was read and what was expected. */
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }
}
