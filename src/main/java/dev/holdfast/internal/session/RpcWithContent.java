package dev.holdfast.internal.session;

import dev.holdfast.internal.channel.PendingRpc;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.state.Content;
import org.jspecify.annotations.Nullable;

/** basic.get: the one call whose reply brings a content. */
public final class RpcWithContent extends PendingRpc {
    private @Nullable Content content;
    private long epoch;

    public RpcWithContent(BasicMethods.Get request) {
        super(request);
    }

    /** What came, and the link it came by, which alone its tag belongs to. */
    public void content(Content whole, long epoch) {
        this.content = whole;
        this.epoch = epoch;
    }

    public long epoch() {
        return epoch;
    }

    /** What came with the reply, null where the queue was empty. */
    public @Nullable Content content() {
        return content;
    }
}
