package dev.holdfast.internal.outbound;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * Delays the next write to the socket while publishers append without a break, so that it carries more messages. A
 * drain transfers all queued bytes. Each drain costs system calls and competes for the log's lock, however little it
 * carries.
 *
 * <pre>
 *   drain ──threshold, or the 4th in a row──► pause ──segment full, data received, caller waits, 100 µs──► drain
 *     └──otherwise──► next drain at once
 * </pre>
 *
 * Never delays a caller that waits for each confirm, nor what is sent after the broker has answered.
 */
final class WriteCoalescer {
    /** A drain of this many bytes is followed by a pause: a hundred messages of a hundred bytes. */
    static final int THRESHOLD_BYTES = 16 * 1024;

    /** So many drains in a row that all found bytes mean that publishers are faster than drains. */
    private static final int CONSECUTIVE_DRAINS = 4;

    /** Longest pause: about the time to fill a segment where pausing pays. Chosen against 50 and 200 µs. */
    private static final long MAX_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final EventLoop loop;
    private final Ticker clock;
    private final int thresholdBytes;
    private final Runnable onTimer;

    /** Guarded by the log's lock. */
    private boolean paused;

    private int consecutive;

    /** When the current pause ends. Event loop only. */
    private long pauseEnd;

    /** Event loop only. */
    private boolean timerRunning;

    /**
     * @param onTimer called on the event loop when the time of a pause may have passed; it calls
     * {@link #endPauseIfOver}
     */
    WriteCoalescer(EventLoop loop, int thresholdBytes, Runnable onTimer) {
        this.loop = loop;
        this.clock = loop.ticker();
        this.thresholdBytes = thresholdBytes;
        this.onTimer = onTimer;
    }

    /**
     * Called after a drain transferred all queued bytes. Needs the lock; event loop only.
     *
     * @param bytes how many they were
     * @return whether a pause begins
     */
    boolean beginPause(long bytes) {
        consecutive++;
        paused = bytes >= thresholdBytes || consecutive >= CONSECUTIVE_DRAINS;
        return paused;
    }

    /** Called after a drain found no bytes: the next append is drained at once. Needs the lock; event loop only. */
    void foundNothing() {
        consecutive = 0;
    }

    /** Ends the pause, if there is one; then it returns true and the caller must drain. Needs the lock. */
    boolean endPause() {
        boolean ended = paused;
        paused = false;
        return ended;
    }

    /** Limits the pause that began with the current drain. Event loop only. */
    void startTimer() {
        pauseEnd = clock.nanoTime() + MAX_PAUSE_NANOS;
        schedule(MAX_PAUSE_NANOS);
    }

    private void schedule(long nanos) {
        if (!timerRunning) { // a running timer serves all pauses that begin before it fires
            timerRunning = true;
            loop.schedule(this::timerFired, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void timerFired() {
        timerRunning = false;
        onTimer.run();
    }

    /**
     * Ends the pause if its time has passed; then it returns true and the caller must drain. Needs the lock; event
     * loop only.
     */
    boolean endPauseIfOver() {
        long remaining = pauseEnd - clock.nanoTime();
        if (paused && remaining > 0) {
            schedule(remaining);
            return false;
        }
        return endPause();
    }
}
