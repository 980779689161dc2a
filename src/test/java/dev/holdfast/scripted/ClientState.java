package dev.holdfast.scripted;

import dev.holdfast.Channel;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.MessageProperties;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedBroker.NumberedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The state in which a client is when its peer violates the protocol. */
enum ClientState {
    /** Nothing is pending on the channel of publishes. */
    IDLE(true),
    /** Two publishes await their confirms. */
    AWAITING_CONFIRMS(true),
    /** A user's channel awaits the reply to a basic.get. */
    AWAITING_REPLY(false),
    /** A user's channel has a consumer. */
    CONSUMING(false),
    /** A delivery of ten bytes is incomplete. */
    RECEIVING_CONTENT(false),
    /** A user's channel awaits the reply to its close. */
    CLOSING_CHANNEL(false);

    /**
     * How many bytes of the body are missing in {@link #RECEIVING_CONTENT}: fewer than any body that a violation sends.
     */
    private static final int MISSING_BYTES = 3;

    /** Whether the channel is in confirm mode. */
    final boolean confirms;

    ClientState(boolean confirms) {
        this.confirms = confirms;
    }

    /** The channel that is in this state, and its pending operations, each of which must end. */
    record Context(int channel, List<CompletableFuture<?>> pending) {
        /** The publish that is retransmitted on the next link. */
        @Nullable
        CompletableFuture<?> retransmitted() {
            return pending.size() == 2 ? pending.get(1) : null;
        }
    }

    Context enter(Client client) throws Exception {
        List<CompletableFuture<?>> pending = new ArrayList<>();
        if (confirms) {
            if (this == AWAITING_CONFIRMS) {
                Producer producer = client.connection().producer();
                PublishOptions once = PublishOptions.to("", "q");
                pending.add(producer.publishAsync("once", once));
                pending.add(producer.publishAsync("again", once.retry()));
                client.link().expectPublish();
                client.link().expectPublish();
            }
            return new Context(client.publishChannel(), pending);
        }
        ScriptedLink link = client.link();
        NumberedChannel opened = client.openChannel();
        int number = opened.number();
        Channel channel = opened.channel();
        switch (this) {
            case AWAITING_REPLY -> {
                pending.add(channel.getAsync("q", true));
                link.expect(BasicMethods.Get.class);
            }
            case CLOSING_CHANNEL -> {
                pending.add(channel.closeAsync());
                link.expect(ChannelMethods.Close.class);
            }
            default -> consume(link, channel);
        }
        return new Context(number, pending);
    }

    private void consume(ScriptedLink link, Channel channel) throws Exception {
        ScriptedConsumer consumer =
                ScriptedConsumer.start(link, channel.consumeAsync("q", ConsumeOptions.defaults(), delivery -> {}));
        int number = consumer.channel();
        if (this == RECEIVING_CONTENT) {
            link.sendRaw(FrameBytes.concat(
                    FrameBytes.method(number, new BasicMethods.Deliver(consumer.tag(), 1, false, "", "q")),
                    FrameBytes.header(number, 10, MessageProperties.EMPTY),
                    FrameBytes.body(number, 10 - MISSING_BYTES)));
        }
    }
}
