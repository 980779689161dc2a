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
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;

/**
 * Model of the broker at the other end of one link: decodes frames, numbers publishes, and checks that each frame is
 * allowed.
 */
final class ModelBroker implements FrameWriter {
    boolean writable = true;
    final int frameMax;

    private final List<ModelMessage> messages;
    private final Map<Integer, BrokerChannel> channels = new HashMap<>();

    /** What was transferred while the broker reads nothing. */
    private final Queue<ByteBuf> unread = new ArrayDeque<>();

    private boolean blocked;
    private ModelMessage arriving;
    private BrokerChannel arrivingOn;
    private final boolean rabbit;
    private int remaining;
    private int offset;

    /** The message that makes the broker close the connection; the close is reported to the publisher later. */
    ModelMessage connectionClosedFor;

    /** The state of a channel at the broker. */
    static final class BrokerChannel {
        /** Publishes without a confirm, by delivery tag. */
        final TreeMap<Long, ModelMessage> unconfirmed = new TreeMap<>();

        long tags;
        boolean closing;

        /** The message that makes the broker close the channel; the close is reported to the publisher later. */
        ModelMessage channelClosedFor;

        /** The step in which the publisher saw the channel open. */
        int openedAtStep = Integer.MAX_VALUE;
    }

    /** Checks the order in which the messages of a publisher are first received, over all links. */
    static final class OrderCheck {
        private int newestId = -1;

        void receivedFirst(ModelMessage message) {
            if (!message.mayBeReordered()) {
                require(message.id > newestId, "order in which messages are first received", message);
                newestId = message.id;
            }
        }
    }

    ModelBroker(List<ModelMessage> messages, int frameMax, boolean rabbit) {
        this.messages = messages;
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

    /** While the broker is blocked, it reads nothing. */
    void block(boolean isBlocked) {
        blocked = isBlocked;
        while (!blocked && !unread.isEmpty()) {
            read(unread.remove());
        }
    }

    boolean isBlocked() {
        return blocked;
    }

    /** The link is lost, and with it what the broker has not read. */
    void discard() {
        for (ByteBuf frames : unread) {
            markUnread(frames);
            frames.release();
        }
        unread.clear();
    }

    private void markUnread(ByteBuf in) {
        while (in.isReadable()) {
            int start = in.readerIndex();
            int length = (int) FrameFormat.payloadSize(in, start);
            in.skipBytes(FrameFormat.PREFIX_SIZE);
            if (FrameFormat.type(in, start) == FrameFormat.METHOD
                    && FrameFormat.readMethod(in, length) instanceof BasicMethods.Publish publish) {
                messages.get(Integer.parseInt(publish.routingKey())).unread = true;
            }
            in.readerIndex(start + length + FrameFormat.OVERHEAD);
        }
    }

    @Override
    public void write(ByteBuf frames) {
        if (blocked) {
            unread.add(frames);
        } else {
            read(frames);
        }
    }

    private void read(ByteBuf frames) {
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
            remaining = (int) in.getLong(in.readerIndex() + 4);
            require(remaining == arriving.body.length, "body size", remaining);
        } else {
            body(in, length);
        }
        in.readerIndex(start + length + FrameFormat.OVERHEAD);
        if (arriving != null && type != FrameFormat.METHOD && remaining == 0) {
            messageReceived();
        }
    }

    private void method(int number, Method method) {
        if (method instanceof BasicMethods.Publish publish) {
            arriving = messages.get(Integer.parseInt(publish.routingKey()));
            arrivingOn = channels.get(number);
            require(arrivingOn != null, "publish on a closed channel", number);
            offset = 0;
        } else if (method == ChannelMethods.Open.INSTANCE) {
            require(channels.put(number, new BrokerChannel()) == null, "open on an open channel", number);
        } else {
            BrokerChannel closed = channels.remove(number);
            require(closed != null, "close on a closed channel", number);
        }
    }

    private void body(ByteBuf in, int length) {
        require(
                ByteBufUtil.equals(in, in.readerIndex(), Unpooled.wrappedBuffer(arriving.body), offset, length),
                "body",
                arriving);
        offset += length;
        remaining -= length;
    }

    private void messageReceived() {
        ModelMessage message = arriving;
        arriving = null;
        BrokerChannel channel = arrivingOn;
        channel.tags++;
        if (message.received == 0) {
            message.channel.order.receivedFirst(message);
        }
        message.received++;
        require(message.doneAtStep >= channel.openedAtStep, "sent on a channel that opened after its outcome", message);
        require(message.late || message.channels.getOrDefault(channel, true), "sent twice on one channel", message);
        message.channels.put(channel, false);
        require(!(rabbit && message.options.immediate()), "immediate sent to RabbitMQ", message);
        if (channel.closing || connectionClosedFor != null || message.poison != Poison.NONE) {
            message.discarded++;
            message.unreported++;
        }
        if (channel.closing || connectionClosedFor != null) {
            return;
        }
        if (message.poison != Poison.NONE) {
            if (message.poison == Poison.CONNECTION) {
                connectionClosedFor = message;
            } else {
                channel.closing = true;
                channel.channelClosedFor = message;
            }
        } else {
            channel.unconfirmed.put(channel.tags, message);
        }
    }

    /** Not AssertJ: called for every frame, it would take most of the time. */
    private static void require(boolean condition, String rule, Object subject) {
        if (!condition) {
            throw new AssertionError(rule + ": " + subject);
        }
    }
}
