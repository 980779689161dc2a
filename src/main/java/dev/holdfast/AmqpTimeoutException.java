package dev.holdfast;

/**
 * A call did not complete before its deadline, or the waiting thread was interrupted. Recoverable: another attempt may
 * succeed.
 */
public final class AmqpTimeoutException extends AmqpException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
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
