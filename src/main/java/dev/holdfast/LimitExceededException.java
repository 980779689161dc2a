package dev.holdfast;

import java.time.Duration;

/**
 * No resource of a {@link dev.holdfast.pool.Pool} became free in time: all were in use, or earlier callers waited.
 * Recoverable: resources are returned to the pool.
 */
public final class LimitExceededException extends AmqpException {
    private static final long serialVersionUID = 1L;

    private final int limit;
    private final Duration timeout;

    /** Creates the exception. */
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

    /** Returns the maximum number of resources that the pool lends at a time. */
    public int limit() {
        return limit;
    }

    /** Returns how long the caller waited. */
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
