package dev.holdfast.internal.wire;

/** Stands in for the library's. */
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }
}
