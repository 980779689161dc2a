package dev.holdfast.internal.inbound;

import dev.holdfast.internal.inbound.AutoRead.PauseReason;
import dev.holdfast.internal.outbound.OutboundLog;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Delays the next socket read while publishers wait for confirms, so that one read receives more of them. A busy broker
 * confirms a few messages at a time; each read of them costs system calls and a wake-up, but the waiting publishers
 * continue only when half of the window is free.
 *
 * <pre>
 *   read ──► pause for the time in which the broker confirms a 16th of its unconfirmed messages, at most 1 ms ──► read
 * </pre>
 *
 * Skipped if the pause would be under 125 µs, or if an RPC reply or a delivery is expected. Event loop only.
 */
public final class ReadCoalescer {
    /** A pause covers a 16th of the broker's unconfirmed messages, so that the broker never runs out of them. */
    private static final int DIVISOR = 16;

    /** A shorter pause costs more than it saves. */
    private static final long MIN_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(125);

    /** Chosen against 500 µs, which needs more CPU for a message, and 2 ms and 4 ms, which need as much. */
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Period over which the confirm rate is measured: long enough to average over the pauses of the broker itself. */
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final EventLoop loop;
    private final AutoRead autoRead;
    private final Ticker clock;
    private final OutboundLog log;
    private final LongSupplier unconfirmed;
    private final BooleanSupplier awaitsOtherThanConfirms;

    /** The timer of a pause runs, even if {@link AutoRead#resume} ended the pause earlier. */
    private boolean timerRunning;

    /** Start of the current period, and the number of answers (confirms, nacks, returns) until then. */
    private long periodStart;

    private long answeredAtStart;
    private long lastRead;

    /** Time of the broker for a message in the last period; 0 if unknown. */
    private long nanosPerMessage;

    /**
     * @param unconfirmed number of sent messages that the broker has not confirmed, on the channel where it is the
     *     smallest: a caller that waits for each confirm there is not to wait for those of other channels
     * @param awaitsOtherThanConfirms whether an RPC reply or a delivery is expected
     */
    public ReadCoalescer(
            EventLoop loop,
            AutoRead autoRead,
            OutboundLog log,
            LongSupplier unconfirmed,
            BooleanSupplier awaitsOtherThanConfirms) {
        this.loop = loop;
        this.autoRead = autoRead;
        this.clock = loop.ticker();
        this.log = log;
        this.unconfirmed = unconfirmed;
        this.awaitsOtherThanConfirms = awaitsOtherThanConfirms;
    }

    /** All frames of a read were processed. */
    public void readComplete() {
        if (timerRunning) {
            return;
        }
        long answered;
        long open;
        log.lock();
        try {
            answered = log.counters().answered();
            open = log.isFull() ? unconfirmed.getAsLong() : 0;
        } finally {
            log.unlock();
        }
        measure(answered);
        long nanos = Math.min(MAX_PAUSE_NANOS, open * nanosPerMessage / DIVISOR);
        // awaitsOtherThanConfirms last: it iterates over all channels
        if (nanos >= MIN_PAUSE_NANOS && !awaitsOtherThanConfirms.getAsBoolean()) {
            pause(nanos);
        }
    }

    private void measure(long answered) {
        long now = clock.nanoTime();
        if (now - periodStart >= PERIOD_NANOS) {
            long messages = answered - answeredAtStart;
            boolean idle = now - lastRead >= PERIOD_NANOS;
            nanosPerMessage = messages == 0 || idle ? 0 : (now - periodStart) / messages;
            periodStart = now;
            answeredAtStart = answered;
        }
        lastRead = now;
    }

    private void pause(long nanos) {
        timerRunning = true;
        autoRead.pause(PauseReason.COALESCING);
        loop.schedule(this::unpause, nanos, TimeUnit.NANOSECONDS);
    }

    private void unpause() {
        timerRunning = false;
        autoRead.unpause(PauseReason.COALESCING);
    }
}
