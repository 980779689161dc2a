package dev.holdfast.internal.inbound;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether the present link is read: it is while nothing holds it. Event loop only, but for {@link #toString}. */
public final class AutoRead {
    /** Why nothing is read. */
    enum Hold {
        /** Too much waits for the handlers of deliveries. */
        BACKLOG,
        /** The broker takes its time over confirms, and publishers wait for many. */
        REST
    }

    private @Nullable Consumer<Boolean> reading;

    /** Replaced, never changed. */
    private volatile Set<Hold> holds = Set.of();

    /** There is no link. The end of the old one is to be heard. */
    public void linkLost() {
        resume();
        reading = null;
    }

    /** Another link, whose reads this switches: it is read. */
    public void link(Consumer<Boolean> switched) {
        reading = switched;
        holds = Set.of();
    }

    /** Does nothing where there is no link. */
    void hold(Hold why) {
        if (reading == null) {
            return;
        }
        Set<Hold> more = EnumSet.of(why);
        more.addAll(holds);
        if (holds.isEmpty()) {
            read(false);
        }
        holds = more;
    }

    void release(Hold why) {
        if (isHeld(why)) {
            Set<Hold> less = EnumSet.copyOf(holds);
            less.remove(why);
            holds = less;
            if (less.isEmpty()) {
                read(true);
            }
        }
    }

    /** An answer is to be heard, whatever there is to hold it back. */
    public void resume() {
        if (!holds.isEmpty()) {
            holds = Set.of();
            read(true);
        }
    }

    boolean isHeld(Hold why) {
        return holds.contains(why);
    }

    private void read(boolean on) {
        if (reading != null) {
            reading.accept(on);
        }
    }

    @Override
    public String toString() {
        return "reads held by " + holds;
    }
}
