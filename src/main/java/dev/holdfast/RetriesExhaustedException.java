package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * All attempts of a {@link RetryPolicy} failed, or the timeout of {@link Connection#ensure} leaves no time for another
 * one. The cause is the failure of the last attempt. No policy retries this exception: of two nested policies only the
 * inner one retries.
 */
public final class RetriesExhaustedException extends PublishException {
    private static final long serialVersionUID = 1L;

    private final int attempts;

    /**
     * Creates the exception.
     *
     * @param attempts the number of attempts, at least 1
     * @param last the failure of the last attempt
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

    /** Returns the number of attempts, including the first one. */
    public int attempts() {
        return attempts;
    }

    @Override
    RetriesExhaustedException copy() {
        return new RetriesExhaustedException(this);
    }
}
