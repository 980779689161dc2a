package dev.holdfast.internal.transport;

import dev.holdfast.AmqpException;
import io.netty.buffer.ByteBuf;

/**
 * Hears what one {@link Link} receives, on its event loop. Whatever a method throws ends the link: a malformed frame,
 * an unknown method or an {@link dev.holdfast.AmqpProtocolException} with its own reply code, anything else with 541.
 * After {@link #closed} nothing more is called.
 */
public interface LinkListener {
    /**
     * A frame of a channel other than 0. The payload is the readable bytes of {@code in}, {@code length} of them, valid
     * only during the call; whoever keeps some takes a retained slice.
     */
    void frame(int type, int channel, ByteBuf in, int length);

    /** All frames of one read were handed over. */
    void readComplete();

    /** The send queue has room again. */
    void writable();

    /** The broker stopped reading publishers, in its own words. */
    void blocked(String reason);

    /** The broker reads publishers again. */
    void unblocked();

    /** The broker took the new secret. */
    void secretUpdated();

    /**
     * The link is of no use any more: closed by the peer, by us, or lost. Called exactly once for each link that was
     * opened, perhaps from within {@link Link#abort} or {@link Link#close}.
     */
    void closed(AmqpException cause);
}
