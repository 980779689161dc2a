package dev.holdfast;

import java.time.Duration;

/**
 * A {@link Pool} had nothing free in time: as many as its limit were in use, or others waited before. Recoverable: they
 * come back.
 */
public final class LimitExceededException extends AmqpException {
    private static final long serialVersionUID = 1L;

    private final int limit;
    private final Duration timeout;

    /** Makes the exception. */
    public LimitExceededException(String message, int limit, Duration timeout) {
        super(message, null);
        this.limit = limit;
        this.timeout = timeout;
    }

    private LimitExceededException(LimitExceededException original) {
        super(original);
        this.limit = original.limit;
        this.timeout = original.timeout;
    }

    /** Returns how many the pool may lend at a time. */
    public int limit() {
        return limit;
    }

    /** Returns how long was waited. */
    public Duration timeout() {
        return timeout;
    }

    @Override
    public boolean recoverable() {
        return true;
    }

    @Override
    LimitExceededException copy() {
        return new LimitExceededException(this);
    }
}
