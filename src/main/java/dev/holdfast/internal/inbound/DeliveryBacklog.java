package dev.holdfast.internal.inbound;

import dev.holdfast.internal.inbound.AutoRead.PauseReason;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Limits the bytes of deliveries that wait for their handlers. Above the limit it pauses reading, so that TCP throttles
 * the broker, until half of the limit is reached. Reading is not paused while a reply or a confirm is expected: the
 * broker sends it after the deliveries, and a handler may wait for it.
 *
 * <p>Event loop only, but for {@link #handled}.
 */
public final class DeliveryBacklog {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final Executor loop;
    private final AutoRead autoRead;
    private volatile long maxBytes;
    private final BooleanSupplier awaitsAnswer;
    private final AtomicLong bytes = new AtomicLong();

    /** Whether a pause was logged on this link. */
    private boolean warned;

    /** @param awaitsAnswer whether a reply or a confirm is expected */
    public DeliveryBacklog(Executor loop, AutoRead autoRead, long maxBytes, BooleanSupplier awaitsAnswer) {
        this.loop = loop;
        this.autoRead = autoRead;
        this.maxBytes = maxBytes;
        this.awaitsAnswer = awaitsAnswer;
    }

    /** The first pause on the next link is logged again. */
    public void linkLost() {
        warned = false;
    }

    /** Deliveries of this many bytes were queued for their handlers. */
    public void added(long more) {
        if (bytes.addAndGet(more) > maxBytes && !isPaused() && !awaitsAnswer.getAsBoolean()) {
            pause();
        }
    }

    /** Deliveries of this many bytes were handled or dropped. Any thread. */
    public void handled(long fewer) {
        long remaining = bytes.addAndGet(-fewer);
        long half = maxBytes / 2;
        if (remaining <= half && remaining + fewer > half) {
            loop.execute(this::unpause);
        }
    }

    private void pause() {
        autoRead.pause(PauseReason.BACKLOG);
        if (isPaused() && !warned) {
            warned = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "reading is paused: {0} bytes of deliveries wait for their handlers (expected: <= {1},"
                            + " ConnectionOptions.maxDeliveryBacklogBytes)",
                    bytes,
                    maxBytes);
        }
    }

    private boolean isPaused() {
        return autoRead.isPausedFor(PauseReason.BACKLOG);
    }

    /** Removes the limit at the close of the session: the broker sends its last answers after the deliveries. */
    public void removeLimit() {
        maxBytes = Long.MAX_VALUE;
        unpause();
    }

    /** Something was sent; reading continues if its answer is expected. */
    public void sent() {
        if (isPaused() && awaitsAnswer.getAsBoolean()) {
            unpause();
        }
    }

    private void unpause() {
        autoRead.unpause(PauseReason.BACKLOG);
    }
}
