package dev.holdfast.internal.outbound;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * What the drain takes while publishers go on without a pause: a turn costs system calls and a struggle for the log's lock,
 * however little it carries, and one that came at once would find little.
 *
 * <pre>
 *   turn ──much, or the fourth in a row──► rest ──a segment is full; the broker sends anything; somebody waits; time is over──► turn
 *    ▲ └──else──► at once
 * </pre>
 *
 * One message after the other never meets it, nor does what is sent once the broker has answered.
 */
public final class WriteCoalescer {
    /** From so many bytes on a turn carried much: a hundred messages of a hundred bytes. */
    public static final int THRESHOLD_BYTES = 16 * 1024;

    /** So many turns, none of which found nothing: somebody publishes faster than turns are made. */
    private static final int IN_A_ROW = 4;

    /**
     * The longest rest: about what a segment takes to fill where resting pays. Measured with 50, 100 and 200 microseconds, which
     * made no difference to speed.
     */
    private static final long LIMIT_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final EventLoop loop;
    private final Ticker clock;
    private final int much;
    private final Runnable timeOver;

    /** Guarded by the log's lock. */
    private boolean resting;

    private int row;

    /** Event loop only: when the present rest is over, and whether somebody looks. */
    private long until;

    private boolean armed;

    /** @param timeOver called on the event loop when a rest may be over because of its time: {@link #isOver} tells */
    WriteCoalescer(EventLoop loop, int much, Runnable timeOver) {
        this.loop = loop;
        this.clock = loop.ticker();
        this.much = much;
        this.timeOver = timeOver;
    }

    /** A turn carried all that there was, so much. True: a rest begins. Needs the lock, event loop only. */
    boolean begin(long bytes) {
        row++;
        resting = bytes >= much || row >= IN_A_ROW;
        return resting;
    }

    /** A turn found nothing: what comes next leaves at once. Needs the lock, event loop only. */
    void idle() {
        row = 0;
    }

    /** Ends the rest. True: there was one, and the caller sees to the next turn. Needs the lock. */
    boolean end() {
        boolean ended = resting;
        resting = false;
        return ended;
    }

    /** Limits a rest that began with the present turn. Event loop only. */
    void limit() {
        until = clock.nanoTime() + LIMIT_NANOS;
        arm(LIMIT_NANOS);
    }

    private void arm(long nanos) {
        if (!armed) { // one look serves the rests that begin before it
            armed = true;
            loop.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        armed = false;
        timeOver.run();
    }

    /** Ends the rest if its time is over. True: the caller sees to the next turn. Needs the lock, event loop only. */
    boolean isOver() {
        long left = until - clock.nanoTime();
        if (resting && left > 0) {
            arm(left);
            return false;
        }
        return end();
    }
}
