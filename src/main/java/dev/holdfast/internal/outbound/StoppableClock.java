package dev.holdfast.internal.outbound;

/** Leaves out of a clock the time in which it was stopped. Pure; guarded by its owner. */
public final class StoppableClock {
    private boolean stopped;
    private long stoppedAt;
    private long excluded;

    /** The time of this clock at a time of the underlying one that is not before the last stop or start. */
    public long at(long time) {
        return (stopped ? stoppedAt : time) - excluded;
    }

    /** Stops the clock, or starts it again; does nothing if it is in this state already. */
    public void run(boolean running, long time) {
        if (stopped && running) {
            excluded += time - stoppedAt;
        } else if (!stopped) {
            stoppedAt = time;
        }
        stopped = !running;
    }
}
