package dev.holdfast.internal.session;

import dev.holdfast.internal.channel.ContentAssembler.Content;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.transport.FrameFeed;
import org.jspecify.annotations.Nullable;

/** Deliveries from bytes to whole contents: frame decoder, channel reader, content assembler. One thread. */
public final class DeliveryFeed implements ChannelReader.Sink {
    private final FrameFeed feed;
    private @Nullable Content last;
    private long count;

    /** @param deliveries frames of whole deliveries on one channel */
    public DeliveryFeed(byte[] deliveries) {
        ChannelReader reader = new ChannelReader(this, Integer.MAX_VALUE);
        this.feed = new FrameFeed(deliveries, (type, channel, in, length) -> reader.frame(type, in, length));
    }

    /** Decodes everything once; returns how many messages there were ever. */
    public long feed() throws Exception {
        feed.feed();
        return count;
    }

    /** The last body. */
    public byte[] lastBody() {
        Content content = last;
        return content == null ? new byte[0] : content.body();
    }

    @Override
    public boolean ack(long deliveryTag, boolean multiple) {
        return false;
    }

    @Override
    public boolean method(Method method) {
        return true;
    }

    @Override
    public boolean takesContent() {
        return true;
    }

    @Override
    public void content(Content whole) {
        last = whole;
        count++;
    }
}
