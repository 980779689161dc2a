package dev.holdfast.internal.session;

import dev.holdfast.internal.transport.Link;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the handlers of deliveries. Over a bound nothing more is read, and TCP holds the broker back, until half of it
 * is handled. Reading goes on while anything of ours awaits its answer or its confirm, which stands behind deliveries: a
 * handler may be waiting for it.
 *
 * <p>Event loop only, but for {@link #handled}.
 */
final class Backlog {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final Executor loop;
    private volatile long most;
    private final BooleanSupplier awaitsAnswer;
    private final AtomicLong bytes = new AtomicLong();
    private @Nullable Link link;
    private boolean paused;
    private boolean told;

    Backlog(Executor loop, long most, BooleanSupplier awaitsAnswer) {
        this.loop = loop;
        this.most = most;
        this.awaitsAnswer = awaitsAnswer;
    }

    /** Another link, or none: it reads. */
    void link(@Nullable Link present) {
        link = present;
        paused = false;
        told = false;
    }

    /** So much more waits. */
    void added(long more) {
        if (bytes.addAndGet(more) > most && !paused && !awaitsAnswer.getAsBoolean()) {
            pause();
        }
    }

    /** So much was handled, or never will be. Any thread. */
    void handled(long less) {
        long left = bytes.addAndGet(-less);
        long half = most / 2;
        if (left <= half && left + less > half) {
            loop.execute(this::resume);
        }
    }

    private void pause() {
        Link present = link;
        if (present == null) {
            return;
        }
        paused = true;
        present.reading(false);
        if (!told) {
            told = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "reading is paused: {0} bytes of deliveries wait for their handlers (expected: <= {1},"
                            + " ConnectionOptions.maxDeliveryBacklogBytes)",
                    bytes,
                    most);
        }
    }

    /** Whether nothing is read because of it. */
    boolean isPaused() {
        return paused;
    }

    /** The end: what is to be heard before it stands behind deliveries. */
    void lift() {
        most = Long.MAX_VALUE;
        resume();
    }

    /** Something was sent, whose answer may be to be heard. */
    void sent() {
        if (paused && awaitsAnswer.getAsBoolean()) {
            resume();
        }
    }

    /** Something is to be heard from the broker. */
    void resume() {
        if (paused && link != null) {
            paused = false;
            link.reading(true);
        }
    }
}
