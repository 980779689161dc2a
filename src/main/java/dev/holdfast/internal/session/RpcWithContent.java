package dev.holdfast.internal.session;

import dev.holdfast.internal.channel.ContentAssembler.Content;
import dev.holdfast.internal.protocol.BasicMethods;
import org.jspecify.annotations.Nullable;

/** basic.get: the one call whose reply brings a content. */
final class RpcWithContent extends Rpc {
    private @Nullable Content content;

    RpcWithContent(BasicMethods.Get request) {
        super(request);
    }

    void content(Content whole) {
        content = whole;
    }

    /** What came with the reply, null where the queue was empty. */
    @Nullable
    Content content() {
        return content;
    }
}
