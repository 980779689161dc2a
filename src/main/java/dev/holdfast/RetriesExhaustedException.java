package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * Every attempt that the {@link RetryPolicy} of a publish allows has failed; the cause is the last attempt's failure.
 */
public final class RetriesExhaustedException extends PublishException {
    private static final long serialVersionUID = 1L;

    private final int attempts;

    /**
     * Makes the exception.
     *
     * @param attempts how many attempts were made, at least 1
     * @param last how the last one failed
     */
    public RetriesExhaustedException(int attempts, Throwable last, Delivery delivery) {
        super(message(attempts, requireNonNull(last, "last")), last, delivery);
        this.attempts = attempts;
    }

    private static String message(int attempts, Throwable last) {
        String reason = last.getMessage();
        return "publish failed after " + attempts + (attempts == 1 ? " attempt: " : " attempts: ")
                + (reason == null ? last.getClass().getName() : reason);
    }

    /** Returns how many attempts were made, the first one included. */
    public int attempts() {
        return attempts;
    }
}
