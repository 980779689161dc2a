package dev.holdfast.internal.session;

import dev.holdfast.AmqpException;
import dev.holdfast.internal.transport.Link;
import org.jspecify.annotations.Nullable;

/**
 * The link that a session has at this moment, if any. Changed on the event loop; asked by any thread, but for the epoch.
 */
final class LinkHolder {
    private final Runnable wanted;
    private volatile @Nullable Link link;
    private long epoch;

    /** @param wanted connects if nobody does, on any thread */
    LinkHolder(Runnable wanted) {
        this.wanted = wanted;
    }

    /** Somebody waits for a link. */
    void want() {
        wanted.run();
    }

    void opened(Link opened) {
        link = opened;
        epoch++;
    }

    void lost() {
        link = null;
    }

    @Nullable
    Link get() {
        return link;
    }

    /** The number of the link in use, or of the last: 1 for the first. */
    long epoch() {
        return epoch;
    }

    int frameMax() {
        Link present = link;
        return present == null ? Integer.MAX_VALUE : present.frameMax();
    }

    boolean isRabbit() {
        Link present = link;
        return present != null && present.isRabbit();
    }

    /** It is of no use any more. */
    void drop(AmqpException cause) {
        Link present = link;
        if (present != null) {
            present.abort(cause);
        }
    }
}
