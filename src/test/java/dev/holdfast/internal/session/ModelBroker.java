package dev.holdfast.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.transport.FrameOutlet;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The far end of one link: takes frames apart, numbers publishes, and checks that nobody is served who should not be. */
final class ModelBroker implements FrameOutlet {
    boolean writable = true;
    final int frameMax;

    private final List<ModelMessage> messages;
    private final Map<Integer, BrokerChannel> channels = new HashMap<>();
    private final OrderCheck order;
    private ModelMessage arriving;
    private BrokerChannel arrivingOn;
    private int missing;
    private int at;

    /** A channel as the broker sees it. */
    static final class BrokerChannel {
        /** Unresolved publishes by tag. */
        final TreeMap<Long, ModelMessage> open = new TreeMap<>();

        long tags;
        boolean closing;
        boolean gone;

        /** When the publisher was told that it is open. */
        int openedAtStep = Integer.MAX_VALUE;
    }

    /** First deliveries over all links. */
    static final class OrderCheck {
        private int newest = -1;

        void first(ModelMessage message) {
            if (!message.lostItsTurn()) {
                assertThat(message.id)
                        .as("order of first deliveries: %s", message)
                        .isGreaterThan(newest);
                newest = message.id;
            }
        }
    }

    ModelBroker(List<ModelMessage> messages, OrderCheck order, int frameMax) {
        this.messages = messages;
        this.order = order;
        this.frameMax = frameMax;
    }

    BrokerChannel channel(int number) {
        return channels.get(number);
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void flush() {}

    @Override
    public void write(ByteBuf frames) {
        try {
            while (frames.isReadable()) {
                frame(frames);
            }
        } finally {
            frames.release();
        }
    }

    private void frame(ByteBuf in) {
        int start = in.readerIndex();
        int type = FrameFormat.type(in, start);
        int number = FrameFormat.channel(in, start);
        int length = (int) FrameFormat.payloadSize(in, start);
        assertThat(length + FrameFormat.OVERHEAD).as("frame").isLessThanOrEqualTo(frameMax);
        in.skipBytes(FrameFormat.PREFIX_SIZE);
        assertThat(in.getUnsignedByte(in.readerIndex() + length))
                .as("frame end")
                .isEqualTo((short) 0xCE);
        if (type == FrameFormat.METHOD) {
            assertThat(arriving).as("method inside a content").isNull();
            method(number, FrameFormat.readMethod(in, length));
        } else if (type == FrameFormat.HEADER) {
            missing = (int) in.getLong(in.readerIndex() + 4);
            assertThat(missing).isEqualTo(arriving.body.length);
        } else {
            body(in, length);
        }
        in.readerIndex(start + length + FrameFormat.OVERHEAD);
        if (arriving != null && type != FrameFormat.METHOD && missing == 0) {
            arrived();
        }
    }

    private void method(int number, Method method) {
        if (method instanceof BasicMethods.Publish publish) {
            arriving = messages.get(Integer.parseInt(publish.routingKey()));
            arrivingOn = channels.get(number);
            assertThat(arrivingOn).as("publish on channel %s", number).isNotNull();
            at = 0;
        } else if (method == ChannelMethods.Open.INSTANCE) {
            assertThat(channels.put(number, new BrokerChannel()))
                    .as("channel %s is free", number)
                    .isNull();
        } else {
            BrokerChannel gone = channels.remove(number);
            assertThat(gone).as("%s on channel %s", method, number).isNotNull();
            gone.gone = true;
        }
    }

    private void body(ByteBuf in, int length) {
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != arriving.body[at + i]) {
                throw new AssertionError("body of " + arriving + " differs at " + (at + i));
            }
        }
        at += length;
        missing -= length;
    }

    private void arrived() {
        ModelMessage message = arriving;
        arriving = null;
        BrokerChannel channel = arrivingOn;
        channel.tags++;
        if (message.written == 0) {
            order.first(message);
        }
        message.written++;
        assertThat(message.doneAtStep)
                .as("sent on a channel that opened after its outcome: %s", message)
                .isGreaterThanOrEqualTo(channel.openedAtStep);
        assertThat(message.channels.getOrDefault(channel, true))
                .as("sent twice on one channel: %s", message)
                .isTrue();
        message.channels.put(channel, false);
        if (channel.closing) {
            message.discarded++;
        } else {
            channel.open.put(channel.tags, message);
        }
    }
}
