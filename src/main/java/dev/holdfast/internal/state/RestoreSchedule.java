package dev.holdfast.internal.state;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpException;
import dev.holdfast.ReplyCode;
import java.time.Duration;
import java.util.List;

/**
 * When one item of a session is tried again after the broker refused to restore it: after a delay that is doubled up
 * to a maximum, until a limit since the first failure. Errors that no other attempt recovers from end it at once.
 *
 * <pre>
 *   first failure ──► delay ──► attempt ──succeeded──► (dropped)
 *                       ▲         │ failed
 *                       └─────────┴── limit, or permanent error ──► GIVE_UP
 * </pre>
 *
 * Pure.
 */
public final class RestoreSchedule {
    /** No further attempt. */
    public static final long GIVE_UP = -1;

    /**
     * Time for which a missing entity is awaited, at most the limit. Another client may declare it after the same loss
     * of the broker; a queue that was deleted does not come back.
     */
    static final long MISSING_NANOS = Duration.ofSeconds(10).toNanos();

    /** Reply texts of RabbitMQ for a queue that exists and whose node or process is down. */
    private static final List<String> UNAVAILABLE = List.of("inaccessible", "stopped by supervisor");

    private final long minNanos;
    private final long maxNanos;
    private final long limitNanos;
    private long since;
    private boolean missing;

    /** When it was found to be missing; meaningless unless it is. */
    private long missingSince;

    private int failures;

    /**
     * Creates a schedule without failures.
     *
     * @param min the delay after the first failure, doubled after each further one
     * @param max the maximum delay
     * @param limit the time after the first failure at which the item is given up
     */
    public RestoreSchedule(Duration min, Duration max, Duration limit) {
        this.minNanos = min.toNanos();
        this.maxNanos = max.toNanos();
        this.limitNanos = limit.toNanos();
    }

    /**
     * An attempt has failed. Returns the delay before the next one in nanoseconds, or {@link #GIVE_UP}.
     *
     * @param jitter part of the second half of the delay, 0 to 1
     */
    public long failed(AmqpException cause, long now, double jitter) {
        if (failures++ == 0) {
            since = now;
        }
        boolean wasMissing = missing;
        missing = isMissing(cause);
        missingSince = wasMissing ? missingSince : now; // what was locked before may be declared again in a moment
        long left = limitNanos - (now - since);
        left = missing ? Math.min(left, MISSING_NANOS - (now - missingSince)) : left;
        if (left <= 0 || !isTemporary(cause)) {
            return GIVE_UP;
        }
        int doublings = Math.min(failures - 1, Long.numberOfLeadingZeros(minNanos) - 1);
        long delay = Math.min(maxNanos, minNanos << doublings);
        return Math.min(left, delay / 2 + (long) ((delay >> 1) * jitter)); // the last attempt is at the limit
    }

    /** How many attempts have failed. */
    public int failures() {
        return failures;
    }

    /**
     * Whether another attempt may succeed without a change of the request: another connection may release what it has
     * locked, an entity may be declared, a permission may be granted, a node may come back.
     */
    static boolean isTemporary(AmqpException cause) {
        if (!(cause instanceof AmqpChannelException refused)) {
            return cause.recoverable();
        }
        return refused.recoverable()
                || refused.replyCode() == ReplyCode.ACCESS_REFUSED.code()
                || refused.replyCode() == ReplyCode.NOT_FOUND.code();
    }

    /** Whether the broker says that the entity does not exist. */
    static boolean isMissing(AmqpException cause) {
        String text = String.valueOf(cause.getMessage());
        return cause instanceof AmqpChannelException refused
                && refused.replyCode() == ReplyCode.NOT_FOUND.code()
                && UNAVAILABLE.stream().noneMatch(text::contains);
    }
}
