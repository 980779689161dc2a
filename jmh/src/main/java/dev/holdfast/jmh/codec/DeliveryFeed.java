package dev.holdfast.jmh.codec;

import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.internal.inbound.ChannelReader;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.Content;
import org.jspecify.annotations.Nullable;

/** Decodes deliveries from bytes: frame decoder, channel reader, content assembler. Not thread-safe. */
final class DeliveryFeed implements ChannelReader.Sink {
    private final FrameFeed feed;
    private @Nullable Delivery last;
    private long count;

    /** @param deliveries frames of whole deliveries on one channel */
    DeliveryFeed(byte[] deliveries) {
        ChannelReader reader = new ChannelReader(this, Integer.MAX_VALUE);
        this.feed = new FrameFeed(deliveries, (type, channel, in, length) -> reader.frame(type, in, length));
    }

    /** Decodes every delivery once and returns the number decoded since construction. */
    long feed() throws Exception {
        feed.feed();
        return count;
    }

    /** The body of the last delivery. */
    byte[] lastBody() {
        Delivery delivery = last;
        return delivery == null ? new byte[0] : delivery.body();
    }

    @Override
    public void ack(long deliveryTag, boolean multiple) {
        throw new IllegalStateException("basic.ack (expected: deliveries)");
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
    public boolean takesDelivery() {
        return true;
    }

    @Override
    public Delivery origin(String consumerTag, boolean redelivered, String exchange, String routingKey) {
        return new Delivery(
                consumerTag, 0, redelivered, exchange, routingKey, MessageProperties.EMPTY, new byte[0], 1, -1);
    }

    @Override
    public void delivered(Delivery delivery, long propertiesBytes) {
        last = delivery;
        count++;
    }

    @Override
    public void content(Content content) {
        throw new IllegalStateException("content: " + content.method() + " (expected: deliveries)");
    }
}
