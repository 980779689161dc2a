package dev.holdfast.jmh.codec;

import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.inbound.ChannelReader;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.publish.PublishContext;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.publish.PublisherResources;
import dev.holdfast.internal.state.Content;
import dev.holdfast.internal.transport.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Fills the window of a publisher and decodes the acks that empty it, from bytes to completed futures: frame decoder,
 * channel reader, confirm window, completion queue. Not thread-safe.
 */
final class AckFeed {
    private static final int CHANNEL = 1;
    private static final int FRAME_MAX = 131_072;
    private static final byte[] BODY = new byte[16];

    private final EmbeddedChannel embedded = new EmbeddedChannel();
    private final PublishOptions options = PublishOptions.to("benchmark", "key");
    private final PublishTemplate template =
            PublishTemplate.of("benchmark", "key", false, false, MessageProperties.EMPTY.deliveryMode(2));
    private final int messages;
    private final Publisher publisher;
    private final FrameFeed feed;
    private CompletableFuture<Confirmation> newest = CompletableFuture.completedFuture(Confirmation.ONE);

    /** @param acks frames on channel 1 that ack {@code messages} messages, from tag 1 */
    AckFeed(int messages, byte[] acks) {
        this.messages = messages;
        ConnectionOptions limits =
                ConnectionOptions.defaults().maxUnconfirmed(messages + 1).maxUnconfirmedBytes(Long.MAX_VALUE);
        OutboundLog log = new OutboundLog(
                embedded.eventLoop(),
                UnpooledByteBufAllocator.DEFAULT,
                new OutboundLog.DrainListener() {
                    @Override
                    public void drained() {}

                    @Override
                    public void failed(Throwable cause) {
                        throw new IllegalStateException("drain", cause);
                    }
                },
                ConnectionEvents.withoutListener());
        log.open(new DiscardingWriter());
        this.publisher = new Publisher(
                PublisherResources.create(log, limits, limits.completionExecutor()),
                embedded.eventLoop(),
                limits,
                new Context());
        ChannelReader reader = new ChannelReader(new Sink(), Integer.MAX_VALUE);
        this.feed = new FrameFeed(acks, (type, channel, in, length) -> reader.frame(type, in, length));
    }

    /** Publishes the messages to be acked, on a reopened channel, whose delivery tags start at 1. */
    void fill() {
        publisher.hold();
        publisher.recovery().opened(CHANNEL, FRAME_MAX, false);
        for (int i = 0; i < messages; i++) {
            newest = publisher.publish(BODY, options, template);
            if (i % 1000 == 0) {
                embedded.runPendingTasks();
            }
        }
        embedded.runPendingTasks();
    }

    /** Decodes the acks. */
    void feed() throws Exception {
        feed.feed();
        publisher.confirms().flushAcks();
        if (!newest.isDone()) {
            throw new IllegalStateException("newest message: open (expected: confirmed)");
        }
    }

    private final class Sink implements ChannelReader.Sink {
        @Override
        public void ack(long deliveryTag, boolean multiple) {
            publisher.confirms().acked(deliveryTag, multiple);
        }

        @Override
        public boolean method(Method method) {
            throw new IllegalStateException("method: " + method.methodName() + " (expected: acks)");
        }

        @Override
        public boolean takesContent() {
            return false;
        }

        @Override
        public boolean takesDelivery() {
            return false;
        }

        @Override
        public Delivery origin(String consumerTag, boolean redelivered, String exchange, String routingKey) {
            throw new IllegalStateException("delivery from '" + exchange + "' (expected: acks)");
        }

        @Override
        public void delivered(Delivery delivery, long propertiesBytes) {}

        @Override
        public void content(Content content) {}
    }

    private static final class DiscardingWriter implements FrameWriter {
        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void write(ByteBuf frames) {
            frames.release();
        }

        @Override
        public void flush() {}
    }

    private static final class Context implements PublishContext {
        @Override
        public void requestLink() {}

        @Override
        public boolean notRouted(List<Declarable> entities) {
            return false;
        }

        @Override
        public boolean isDeclared(List<Declarable> entities) {
            return true;
        }

        @Override
        public CompletableFuture<Void> declare(List<Declarable> entities, boolean always) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void replaceChannel(AmqpException cause, long owedSince) {
            throw new IllegalStateException("confirm timed out", cause);
        }

        @Override
        public void returned(ReturnedMessage message, @Nullable Consumer<ReturnedMessage> callback, boolean matched) {
            throw new IllegalStateException("returned: " + message);
        }
    }
}
