package dev.holdfast.internal.inbound;

import dev.holdfast.internal.inbound.AutoRead.Hold;
import dev.holdfast.internal.outbound.OutboundLog;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A rest between reads while publishers wait for room. A busy broker confirms a few messages at a time, and each read of them
 * costs system calls and a wake-up; but those who wait go on only once half of the room is free.
 *
 * <pre>
 *   read ──► rest, as long as the broker takes for a 16th of what it has, up to a millisecond ──► read
 * </pre>
 *
 * Nobody rests where that is no time at all, nor while anything but confirms is awaited. Event loop only.
 */
public final class ReadCoalescer {
    /** So much of what the broker has may be confirmed meanwhile: it always has enough. */
    private static final int PART = 16;

    /** A shorter rest costs more than it saves. */
    private static final long LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(125);

    /**
     * RabbitMQ, 30,000 messages a second, CPU of the threads for each, one round: 2.8 microseconds without rest, 1.7 with 500
     * microseconds, 1.3 with 1,000. Three rounds with 2,000 and 4,000 on another evening gained nothing over 1,000.
     */
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** What the broker's pace is measured over: long enough that its own pauses do not make it look slow. */
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final EventLoop loop;
    private final AutoRead reads;
    private final Ticker clock;
    private final OutboundLog log;
    private final LongSupplier atBroker;
    private final BooleanSupplier awaitsMore;

    /** A rest began, and its time is not over, even if it was ended before. */
    private boolean resting;

    /** When the present period began, and how many messages the broker had answered for until then. */
    private long began;

    private long answeredBefore;
    private long lastRead;

    /** What the broker took for a message in the last period; 0: nothing is known. */
    private long nanosPerMessage;

    /**
     * @param atBroker for how many messages the broker is to answer: on the channel where they are the fewest, or whoever
     *     publishes one by one there would wait for those of the others
     * @param awaitsMore whether more than confirms is to come from the broker
     */
    public ReadCoalescer(
            EventLoop loop, AutoRead reads, OutboundLog log, LongSupplier atBroker, BooleanSupplier awaitsMore) {
        this.loop = loop;
        this.reads = reads;
        this.clock = loop.ticker();
        this.log = log;
        this.atBroker = atBroker;
        this.awaitsMore = awaitsMore;
    }

    /** A read is over and what came is handled. */
    public void readComplete() {
        if (resting) {
            return;
        }
        long answered;
        long open;
        log.lock();
        try {
            answered = log.counters().answered();
            open = log.waitingPublishers().isEmpty() ? 0 : atBroker.getAsLong();
        } finally {
            log.unlock();
        }
        measure(answered);
        long length = Math.min(MOST_NANOS, open * nanosPerMessage / PART);
        if (length >= LEAST_NANOS && !awaitsMore.getAsBoolean()) { // last: it asks every channel
            rest(length);
        }
    }

    private void measure(long answered) {
        long now = clock.nanoTime();
        if (now - began >= PERIOD_NANOS) {
            long messages = answered - answeredBefore;
            boolean idle = now - lastRead >= PERIOD_NANOS;
            nanosPerMessage = messages == 0 || idle ? 0 : (now - began) / messages;
            began = now;
            answeredBefore = answered;
        }
        lastRead = now;
    }

    private void rest(long length) {
        resting = true;
        reads.hold(Hold.REST);
        loop.schedule(this::over, length, TimeUnit.NANOSECONDS);
    }

    private void over() {
        resting = false;
        reads.release(Hold.REST);
    }
}
