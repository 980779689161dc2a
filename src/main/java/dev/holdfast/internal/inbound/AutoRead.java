package dev.holdfast.internal.inbound;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Switches the auto-read of the current link: reading is paused while there is at least one reason.
 *
 * <p>Event loop only, but for the methods that say otherwise.
 */
public final class AutoRead {
    /** Why nothing is read from the socket. */
    enum PauseReason {
        /** Much waits for handlers, and the broker owes no answer. */
        BACKLOG,
        /** So much waits for handlers that not even answers are read. */
        HELD,
        /** {@link ReadCoalescer} waits until the broker has sent several confirms. */
        COALESCING
    }

    private final Consumer<Boolean> heldListener;
    private @Nullable Consumer<Boolean> setter;

    /** Immutable; replaced at each change. */
    private volatile Set<PauseReason> reasons = Set.of();

    public AutoRead() {
        this(held -> {});
    }

    /** @param heldListener is told when reading stops because deliveries wait for their handlers, and when that ends */
    public AutoRead(Consumer<Boolean> heldListener) {
        this.heldListener = heldListener;
    }

    /** The link was lost. Its socket is read again, so that the close by the broker is received. */
    public void linkLost() {
        resume();
        unpause(PauseReason.HELD);
        setter = null;
    }

    /**
     * A new link opened, with auto-read on.
     *
     * @param setAutoRead switches the auto-read of its socket
     */
    public void linkOpened(Consumer<Boolean> setAutoRead) {
        setter = setAutoRead;
        reasons(Set.of());
    }

    /** Adds a reason; does nothing without a link. */
    void pause(PauseReason reason) {
        if (setter == null) {
            return;
        }
        Set<PauseReason> more = EnumSet.of(reason);
        more.addAll(reasons);
        if (reasons.isEmpty()) {
            set(false);
        }
        reasons(more);
    }

    /** Removes a reason. Reading continues if it was the last one. */
    void unpause(PauseReason reason) {
        if (isPausedFor(reason)) {
            Set<PauseReason> fewer = EnumSet.copyOf(reasons);
            fewer.remove(reason);
            reasons(fewer);
            if (fewer.isEmpty()) {
                set(true);
            }
        }
    }

    /** Removes all reasons but {@link PauseReason#HELD}, because an answer of the broker is expected. */
    public void resume() {
        unpause(PauseReason.BACKLOG);
        unpause(PauseReason.COALESCING);
    }

    private void reasons(Set<PauseReason> changed) {
        boolean held = changed.contains(PauseReason.HELD);
        boolean wasHeld = isPausedFor(PauseReason.HELD);
        reasons = changed;
        if (held != wasHeld) {
            heldListener.accept(held);
        }
    }

    /** Any thread. */
    boolean isPausedFor(PauseReason reason) {
        return reasons.contains(reason);
    }

    private void set(boolean on) {
        if (setter != null) {
            setter.accept(on);
        }
    }

    /** Any thread. */
    @Override
    public String toString() {
        return "auto-read paused by " + reasons;
    }
}
