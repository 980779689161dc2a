package dev.holdfast.internal.transport;

import dev.holdfast.AmqpException;
import io.netty.buffer.ByteBuf;

/**
 * Receives the events of one {@link Link}, on its event loop. An exception of a method closes the link: for a malformed
 * frame, an unknown method or an {@link dev.holdfast.AmqpProtocolException} with the reply code of that, otherwise with
 * 541. After {@link #closed} no method is called.
 */
public interface LinkListener {
    /**
     * A frame of a channel other than 0. The payload is the {@code length} readable bytes of {@code in}, valid only
     * during the call; a listener that keeps some of them takes a retained slice.
     */
    void frame(int type, int channel, ByteBuf in, int length);

    /** All frames of one read have been passed. */
    void readComplete();

    /** The send queue has room again. */
    void writable();

    /** connection.blocked: the broker has stopped reading from publishers. */
    void blocked(String reason);

    /** connection.unblocked: the broker reads from publishers again. */
    void unblocked();

    /** connection.update-secret-ok: the broker has accepted the new secret. */
    void secretUpdated();

    /** About twice in a heartbeat interval, if there is one. */
    void tick();

    /**
     * The link was closed by the peer or by this client, or was lost. Called exactly once for each link that was
     * opened, possibly from within {@link Link#abort} or {@link Link#close}.
     */
    void closed(AmqpException cause);
}
