package dev.holdfast.internal.wire;

/** Thrown if received bytes violate the grammar of AMQP. The message names the value read and the value expected. */
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }
}
