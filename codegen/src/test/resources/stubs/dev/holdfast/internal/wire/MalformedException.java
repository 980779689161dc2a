package dev.holdfast.internal.wire;

/** Stub of the library's type. */
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }
}
