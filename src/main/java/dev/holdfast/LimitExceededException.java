package dev.holdfast;

import java.time.Duration;

/**
 * No resource of a {@link dev.holdfast.pool.Pool} became free in time: all were in use, or earlier callers waited. Or
 * too many calls wait for a reply of the broker; then nothing was sent. Recoverable: resources are returned to the
 * pool, and calls end by {@link ConnectionOptions#rpcTimeout()}.
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

    /** Returns the maximum number of resources that the pool lends at a time, or of calls that wait. */
    public int limit() {
        return limit;
    }

    /** Returns how long the caller waited; zero for a call, which does not wait. */
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
