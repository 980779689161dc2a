package dev.holdfast.internal.publish;

import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.publish.ModelMessage.Poison;
import dev.holdfast.internal.transport.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The far end of one link: takes frames apart, numbers publishes, and checks that nobody is served who should not be. */
final class ModelBroker implements FrameWriter {
    boolean writable = true;
    final int frameMax;

    private final List<ModelMessage> messages;
    private final Map<Integer, BrokerChannel> channels = new HashMap<>();
    private final OrderCheck order;
    private ModelMessage arriving;
    private BrokerChannel arrivingOn;
    private final boolean rabbit;
    private int missing;
    private int at;

    /** The message for which it closes the connection, as soon as the publisher is told. */
    ModelMessage endedBy;

    /** A channel as the broker sees it. */
    static final class BrokerChannel {
        /** Unresolved publishes by tag. */
        final TreeMap<Long, ModelMessage> open = new TreeMap<>();

        long tags;
        boolean closing;

        /** The message for which it closes the channel, as soon as the publisher is told. */
        ModelMessage closedFor;

        /** When the publisher was told that it is open. */
        int openedAtStep = Integer.MAX_VALUE;
    }

    /** First deliveries over all links. */
    static final class OrderCheck {
        private int newest = -1;

        void first(ModelMessage message) {
            if (!message.lostItsTurn()) {
                require(message.id > newest, "order of first deliveries", message);
                newest = message.id;
            }
        }
    }

    ModelBroker(List<ModelMessage> messages, OrderCheck order, int frameMax, boolean rabbit) {
        this.messages = messages;
        this.order = order;
        this.frameMax = frameMax;
        this.rabbit = rabbit;
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
        require(length + FrameFormat.OVERHEAD <= frameMax, "frame size", length);
        in.skipBytes(FrameFormat.PREFIX_SIZE);
        require(in.getUnsignedByte(in.readerIndex() + length) == 0xCE, "frame end", type);
        if (type == FrameFormat.METHOD) {
            require(arriving == null, "method inside a content", number);
            method(number, FrameFormat.readMethod(in, length));
        } else if (type == FrameFormat.HEADER) {
            missing = (int) in.getLong(in.readerIndex() + 4);
            require(missing == arriving.body.length, "body size", missing);
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
            require(arrivingOn != null, "publish on a closed channel", number);
            at = 0;
        } else if (method == ChannelMethods.Open.INSTANCE) {
            require(channels.put(number, new BrokerChannel()) == null, "open on an open channel", number);
        } else {
            BrokerChannel gone = channels.remove(number);
            require(gone != null, "close on a closed channel", number);
        }
    }

    private void body(ByteBuf in, int length) {
        require(
                ByteBufUtil.equals(in, in.readerIndex(), Unpooled.wrappedBuffer(arriving.body), at, length),
                "body",
                arriving);
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
        require(message.doneAtStep >= channel.openedAtStep, "sent on a channel that opened after its outcome", message);
        require(message.channels.getOrDefault(channel, true), "sent twice on one channel", message);
        message.channels.put(channel, false);
        require(!(rabbit && message.options.immediate()), "immediate sent to RabbitMQ", message);
        if (channel.closing || endedBy != null || message.poison != Poison.NONE) {
            message.discarded++;
            message.unheard++;
        }
        if (channel.closing || endedBy != null) {
            return;
        }
        if (message.poison != Poison.NONE) {
            if (message.poison == Poison.CONNECTION) {
                endedBy = message;
            } else {
                channel.closing = true;
                channel.closedFor = message;
            }
        } else {
            channel.open.put(channel.tags, message);
        }
    }

    /** AssertJ would cost more than all the rest, at every frame. */
    private static void require(boolean condition, String rule, Object about) {
        if (!condition) {
            throw new AssertionError(rule + ": " + about);
        }
    }
}
