package dev.holdfast;

/** The deadline of a call passed before the broker answered. Recoverable: the call may be tried again. */
public final class AmqpTimeoutException extends AmqpException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public AmqpTimeoutException(String message) {
        super(message, null);
    }

    private AmqpTimeoutException(AmqpTimeoutException original) {
        super(original);
    }

    @Override
    public boolean recoverable() {
        return true;
    }

    @Override
    AmqpTimeoutException copy() {
        return new AmqpTimeoutException(this);
    }
}
