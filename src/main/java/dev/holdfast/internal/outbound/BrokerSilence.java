package dev.holdfast.internal.outbound;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the silence of the broker counts. It does not count while connection.blocked holds, because the broker
 * does not read, nor while this side does not read because deliveries wait for their handlers. {@link #now} is a clock
 * that stands still meanwhile. An attempt with a retry policy, a channel and a link are given up by this clock; calls,
 * the timeout of a publish and attempts without a policy end by the wall clock. ARCHITECTURE.md has the table.
 *
 * <p>Changed on the event loop with the log's lock: read it on the event loop or with the lock.
 */
public final class BrokerSilence {
    /** How often time limits are checked while the clock stands still. */
    public static final long RECHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Ticker ticker;
    private final ReentrantLock lock;
    private final StoppableClock clock = new StoppableClock();
    private @Nullable String blockedReason;
    private boolean readsHeld;

    /** When something was last received, by this clock. Event loop only. */
    private long lastHeard;

    /** @param lock the lock of the log */
    BrokerSilence(Ticker ticker, ReentrantLock lock) {
        this.ticker = ticker;
        this.lock = lock;
    }

    /** The present time of the clock. */
    public long now() {
        return clock.at(ticker.nanoTime());
    }

    /** The time of the clock at this present or recent time of the event loop's ticker. */
    public long at(long time) {
        return clock.at(time);
    }

    /** Whether silence counts, so that the clock runs. */
    public boolean counts() {
        return blockedReason == null && !readsHeld;
    }

    /** How long to wait before checking whether this much more silence has counted. */
    public long delay(long remaining) {
        return counts() ? remaining : Math.max(remaining, RECHECK_NANOS);
    }

    /** Bytes were received. Event loop only. */
    public void heard() {
        lastHeard = now();
    }

    /** How much silence has counted since this time of the clock and since something was received. Event loop only. */
    public long since(long time) {
        return now() - Math.max(time, lastHeard);
    }

    /** Why the broker has blocked the connection; null if it has not. */
    @Nullable
    String blockedReason() {
        return blockedReason;
    }

    /** The exception for a missing reply, with the reason if the broker blocks the connection. */
    public AmqpTimeoutException noReply(String what, Duration rpcTimeout) {
        AmqpTimeoutException plain = EventLoopCalls.timeout(what, rpcTimeout);
        return blockedReason == null ? plain : new AmqpTimeoutException(plain.getMessage() + ": " + blockedReason);
    }

    /** Sets the reason why the broker has blocked the connection; null once it is unblocked. */
    public void block(@Nullable String reason) {
        change(() -> blockedReason = reason);
    }

    /** Reading is paused because deliveries wait for their handlers, or continues. */
    public void holdReads(boolean held) {
        change(() -> readsHeld = held);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            clock.run(counts(), ticker.nanoTime());
        } finally {
            lock.unlock();
        }
    }
}
