package dev.holdfast.internal.inbound;

import dev.holdfast.internal.concurrent.UserCallbacks;
import dev.holdfast.internal.inbound.AutoRead.PauseReason;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Limits the memory of what waits for code of the user: deliveries, returned messages, outcomes and other callbacks. It
 * holds back reads, so that TCP throttles the broker.
 *
 * <pre>
 *   0 ───────────── maxBytes ────────────────── 2 * maxBytes
 *   read            read only while the broker  read nothing
 *                   owes an answer
 * </pre>
 *
 * Between the bounds, an answer is read because the broker sends it after the deliveries, and a handler may wait for
 * it. Above the second bound nothing is read: an answer that is behind more deliveries comes when handlers have made
 * room, and a call or publish may time out before. Reading continues at half of {@code maxBytes}, and for answers as
 * soon as an eighth of it is free below the second bound.
 *
 * <p>Event loop only, but for the methods that say otherwise.
 */
public final class DeliveryBacklog {
    /** Approximate memory of a message or callback besides its body and properties, in bytes. */
    public static final int OVERHEAD = 128;

    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final Executor loop;
    private final AutoRead autoRead;
    private final long maxBytes;
    private final long heldAbove;
    private final long readAgain;
    private final BooleanSupplier awaitsAnswer;
    private final AtomicLong bytes = new AtomicLong();
    private final LongAdder droppedDeliveries = new LongAdder();
    private volatile boolean closing;

    /** The reasons whose first pause on this link was logged. */
    private boolean pauseLogged;

    private boolean holdLogged;

    /**
     * @param maxBytes the bound above which only answers are read; twice as much is the bound above which nothing is
     * @param awaitsAnswer whether the broker owes a reply or a confirm, or must take bytes before it can owe one
     */
    public DeliveryBacklog(Executor loop, AutoRead autoRead, long maxBytes, BooleanSupplier awaitsAnswer) {
        this.loop = loop;
        this.autoRead = autoRead;
        this.maxBytes = maxBytes;
        this.heldAbove = maxBytes > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : 2 * maxBytes;
        this.readAgain = heldAbove - maxBytes / 8;
        this.awaitsAnswer = awaitsAnswer;
    }

    /** The second bound, above which nothing is read. Any thread. */
    public long heldAbove() {
        return heldAbove;
    }

    /** A delivery was not passed to its handler, because it can no longer be acknowledged. Any thread. */
    public void droppedDelivery() {
        droppedDeliveries.increment();
    }

    /** How many deliveries were not passed to their handlers. Any thread. */
    public long droppedDeliveries() {
        return droppedDeliveries.sum();
    }

    /** Auto-read is on: pauses it if too much waits for handlers since the last link. */
    public void linkOpened() {
        pauseLogged = false;
        holdLogged = false;
        added(0);
    }

    /** Messages of this many bytes were queued for code of the user. */
    public void added(long more) {
        long now = bytes.addAndGet(more);
        if (now > maxBytes && !closing) {
            if (now > heldAbove) {
                hold();
            } else if (!awaitsAnswer.getAsBoolean()) {
                pause(now);
            }
        }
    }

    /** Messages of this many bytes were handled or dropped. Any thread. */
    public void handled(long fewer) {
        long remaining = bytes.addAndGet(-fewer);
        if (!closing && (falls(remaining, fewer, maxBytes / 2) || falls(remaining, fewer, readAgain))) {
            loop.execute(this::roomFreed);
        }
    }

    private static boolean falls(long remaining, long fewer, long threshold) {
        return remaining <= threshold && remaining + fewer > threshold;
    }

    /** Runs a callback of the user on the executor. The bytes count until it has run or was refused. */
    public void run(Executor executor, long callbackBytes, Runnable callback) {
        UserCallbacks.run(counted(executor, task -> callbackBytes), callback);
    }

    /**
     * Returns an executor, to be used on the event loop, whose tasks count until they have run or were refused.
     *
     * @param memory approximate memory of a task, in bytes
     */
    public Executor counted(Executor executor, ToLongFunction<Runnable> memory) {
        return task -> {
            Counted counted = new Counted(task, memory.applyAsLong(task));
            added(counted.bytes);
            try {
                executor.execute(counted);
            } catch (RuntimeException | Error e) {
                counted.ended();
                throw e;
            }
        };
    }

    private final class Counted implements Runnable {
        private final Runnable task;
        private final long bytes;

        /** An executor may accept the task and throw nevertheless. */
        private final AtomicBoolean ended = new AtomicBoolean();

        Counted(Runnable task, long bytes) {
            this.task = task;
            this.bytes = bytes;
        }

        @Override
        public void run() {
            try {
                task.run();
            } finally {
                ended();
            }
        }

        void ended() {
            if (ended.compareAndSet(false, true)) {
                handled(bytes);
            }
        }
    }

    /**
     * The session closes: reads are not held back any more, because the broker sends its last answers after the
     * deliveries. {@link #dropsDeliveries} keeps the bound instead.
     */
    public void closing() {
        closing = true;
        autoRead.unpause(PauseReason.BACKLOG);
        autoRead.unpause(PauseReason.HELD);
    }

    /** Whether the session closes and the second bound is reached: a delivery is dropped like those not yet read. */
    public boolean dropsDeliveries() {
        return closing && bytes.get() > heldAbove;
    }

    /** Something was sent, or cannot be sent; reading continues if the broker owes an answer now. */
    public void answerMayBeExpected() {
        if (autoRead.isPausedFor(PauseReason.BACKLOG) && awaitsAnswer.getAsBoolean()) {
            autoRead.unpause(PauseReason.BACKLOG);
        }
    }

    /** Why nothing is read, not even answers; null if reading is not held. Any thread. */
    public @Nullable String heldReason() {
        return autoRead.isPausedFor(PauseReason.HELD)
                ? "reading is held: " + bytes + " bytes of deliveries and returned messages wait for their handlers"
                        + " (expected: <= " + heldAbove + ", twice ConnectionOptions.maxDeliveryBacklogBytes)"
                : null;
    }

    private void roomFreed() {
        long now = bytes.get();
        if (now <= maxBytes / 2) {
            autoRead.unpause(PauseReason.BACKLOG);
            autoRead.unpause(PauseReason.HELD);
        } else if (now <= readAgain && autoRead.isPausedFor(PauseReason.HELD)) {
            if (now > maxBytes && !awaitsAnswer.getAsBoolean()) {
                pause(now);
            }
            autoRead.unpause(PauseReason.HELD);
        }
    }

    private void pause(long now) {
        autoRead.pause(PauseReason.BACKLOG);
        if (autoRead.isPausedFor(PauseReason.BACKLOG) && !pauseLogged) {
            pauseLogged = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "reading is paused: {0} bytes of deliveries and returned messages wait for their handlers"
                            + " (expected: <= {1}, ConnectionOptions.maxDeliveryBacklogBytes)",
                    now,
                    maxBytes);
        }
    }

    private void hold() {
        autoRead.pause(PauseReason.HELD);
        String reason = heldReason();
        if (reason != null && !holdLogged) {
            holdLogged = true;
            LOG.log(System.Logger.Level.WARNING, "{0}; replies and confirms are not read either", reason);
        }
    }

    @Override
    public String toString() {
        return "backlog " + bytes;
    }
}
