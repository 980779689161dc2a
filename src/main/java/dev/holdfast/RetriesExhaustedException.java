package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * Every attempt that a {@link RetryPolicy} allows has failed, or the timeout of an {@link Connection#ensure} leaves no time
 * for another; the cause is the last attempt's failure. No policy retries after it: of two that are nested, the inner one's attempts are all.
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
    public RetriesExhaustedException(int attempts, Throwable last, DeliveryStatus delivery) {
        this("publish", attempts, last, delivery);
    }

    RetriesExhaustedException(String call, int attempts, Throwable last, DeliveryStatus delivery) {
        super(message(call, attempts, requireNonNull(last, "last")), last, delivery);
        this.attempts = attempts;
    }

    private RetriesExhaustedException(RetriesExhaustedException original) {
        super(original);
        this.attempts = original.attempts;
    }

    private static String message(String call, int attempts, Throwable last) {
        String reason = last.getMessage();
        return call + " failed after " + attempts + (attempts == 1 ? " attempt: " : " attempts: ")
                + (reason == null ? last.getClass().getName() : reason);
    }

    /** Returns how many attempts were made, the first one included. */
    public int attempts() {
        return attempts;
    }

    @Override
    RetriesExhaustedException copy() {
        return new RetriesExhaustedException(this);
    }
}
