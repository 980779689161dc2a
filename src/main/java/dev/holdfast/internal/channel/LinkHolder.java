package dev.holdfast.internal.channel;

import dev.holdfast.AmqpException;
import dev.holdfast.internal.transport.Link;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The current link of a session, its epoch, and the event loop that all links of the session share.
 *
 * <p>Changed on the event loop. Any thread may read it, except for the epoch.
 */
public final class LinkHolder {
    private final EventLoop loop;
    private volatile Runnable requestListener = () -> {};
    private volatile @Nullable Link link;
    private long epoch;
    private long channelEpoch;

    /** Why the last round of connects failed; null since a link was opened. */
    private @Nullable AmqpException connectFailure;

    public LinkHolder(EventLoop loop) {
        this.loop = loop;
    }

    /** The event loop of the session. */
    public EventLoop loop() {
        return loop;
    }

    /** Sets what {@link #requestLink} calls, on the thread of the request. */
    public void onRequest(Runnable listener) {
        requestListener = listener;
    }

    /** Starts to connect unless there is a link or an attempt. Any thread. */
    void requestLink() {
        requestListener.run();
    }

    /** Sets a new link, and counts the epoch up. */
    public void opened(Link opened) {
        link = opened;
        connectFailure = null;
        epoch++;
    }

    /** All addresses failed. */
    public void connectFailed(AmqpException cause) {
        connectFailure = cause;
    }

    /** Why there is no link, in brackets for a message; empty if that is not known. */
    String whyDown() {
        return connectFailure == null ? "" : " (" + connectFailure.getMessage() + ")";
    }

    /** Clears the link. */
    public void lost() {
        link = null;
    }

    /** The link, or null without one. */
    public @Nullable Link get() {
        return link;
    }

    /** The number of the current link, or of the last: 1 for the first. Event loop only. */
    public long epoch() {
        return epoch;
    }

    /**
     * Returns the number of an opening of a channel, which no other opening of the session has: the delivery tags of
     * a channel are valid only until it ends. Event loop only.
     */
    long nextChannelEpoch() {
        return ++channelEpoch;
    }

    /** The largest frame that the current link takes; no limit without a link. */
    int frameMax() {
        Link current = link;
        return current == null ? Integer.MAX_VALUE : current.frameMax();
    }

    /** Whether there is a link, and its broker is RabbitMQ. */
    boolean isRabbit() {
        Link current = link;
        return current != null && current.isRabbit();
    }

    /** Drops the current link, if any: the session connects again. */
    public void drop(AmqpException cause) {
        Link current = link;
        if (current != null) {
            current.abort(cause);
        }
    }
}
