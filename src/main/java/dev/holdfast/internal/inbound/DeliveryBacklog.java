package dev.holdfast.internal.inbound;

import dev.holdfast.internal.inbound.AutoRead.Hold;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * What waits for the handlers of deliveries. Over a bound nothing more is read, and TCP holds the broker back, until half of it
 * is handled. Reading goes on while anything of ours awaits its answer or its confirm, which stands behind deliveries: a
 * handler may be waiting for it.
 *
 * <p>Event loop only, but for {@link #handled}.
 */
public final class DeliveryBacklog {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final Executor loop;
    private final AutoRead reads;
    private volatile long most;
    private final BooleanSupplier awaitsAnswer;
    private final AtomicLong bytes = new AtomicLong();
    private boolean told;

    public DeliveryBacklog(Executor loop, AutoRead reads, long most, BooleanSupplier awaitsAnswer) {
        this.loop = loop;
        this.reads = reads;
        this.most = most;
        this.awaitsAnswer = awaitsAnswer;
    }

    /** The next link's first pause is told again. */
    public void linkLost() {
        told = false;
    }

    /** So much more waits. */
    public void added(long more) {
        if (bytes.addAndGet(more) > most && !isPaused() && !awaitsAnswer.getAsBoolean()) {
            pause();
        }
    }

    /** So much was handled, or never will be. Any thread. */
    public void handled(long less) {
        long left = bytes.addAndGet(-less);
        long half = most / 2;
        if (left <= half && left + less > half) {
            loop.execute(this::goOn);
        }
    }

    private void pause() {
        reads.hold(Hold.BACKLOG);
        if (isPaused() && !told) {
            told = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "reading is paused: {0} bytes of deliveries wait for their handlers (expected: <= {1},"
                            + " ConnectionOptions.maxDeliveryBacklogBytes)",
                    bytes,
                    most);
        }
    }

    private boolean isPaused() {
        return reads.isHeld(Hold.BACKLOG);
    }

    /** The end: what is to be heard before it stands behind deliveries. */
    public void lift() {
        most = Long.MAX_VALUE;
        goOn();
    }

    /** Something was sent, whose answer may be to be heard. */
    public void sent() {
        if (isPaused() && awaitsAnswer.getAsBoolean()) {
            goOn();
        }
    }

    private void goOn() {
        reads.release(Hold.BACKLOG);
    }
}
