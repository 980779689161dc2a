package dev.holdfast.internal.session;

import dev.holdfast.AmqpException;
import dev.holdfast.internal.transport.LinkListener;
import io.netty.buffer.ByteBuf;

/** A listener of a link that ignores all events. */
class IgnoringLinkListener implements LinkListener {
    @Override
    public void frame(int type, int channel, ByteBuf in, int length) {}

    @Override
    public void readComplete() {}

    @Override
    public void writable() {}

    @Override
    public void blocked(String reason) {}

    @Override
    public void unblocked() {}

    @Override
    public void secretUpdated() {}

    @Override
    public void tick() {}

    @Override
    public void closed(AmqpException cause) {}
}
