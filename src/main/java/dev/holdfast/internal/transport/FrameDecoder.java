package dev.holdfast.internal.transport;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Splits the byte stream into frames and passes each to the {@link FrameListener} without a copy; {@link FrameFormat}
 * shows the layout. Only a frame that spans two reads is copied into one buffer.
 *
 * <p>Type and size are checked before the payload has arrived; memory grows with the bytes that arrive. After a
 * violation nothing more is read, since the start of the next frame is unknown. An exception of the listener is passed
 * to the pipeline, and decoding continues with the next frame unless the decoder is removed. Event loop only.
 *
 * <p>The size of a body frame is limited by the negotiated frame-max. Method and header frames have a larger limit of
 * their own, {@link #MAX_FIXED_FRAME}: RabbitMQ does not apply frame-max to the headers that it sends, and {@code
 * x-death} makes a header larger than the one that was published. Before connection.tune one limit applies to all.
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter {
    static final String NAME = "frames";

    /** Initial capacity of the buffer of a partial frame: most frames are small. */
    private static final int INITIAL_CAPACITY = 512;

    /** A larger buffer is not kept for the next partial frame; the default frame-max of RabbitMQ is 128 KiB. */
    private static final int MAX_KEPT_CAPACITY = 256 * 1024;

    /**
     * Maximum size of a method or header frame after connection.tune, unless frame-max is larger: 16 MiB. The brokers
     * limit the header of a publish by frame-max, and add little to it.
     */
    static final int MAX_FIXED_FRAME = 1 << 24;

    private FrameListener listener;
    private int maxBodyFrame;
    private int maxFixedFrame;
    private boolean failed;

    /** The start of a frame whose end has not arrived; empty or null if there is none. */
    private @Nullable ByteBuf partial;

    public FrameDecoder(int maxFrameSize, FrameListener listener) {
        this.maxBodyFrame = maxFrameSize;
        this.maxFixedFrame = maxFrameSize;
        this.listener = listener;
    }

    /** Sets the listener of the next frame. */
    void listener(FrameListener next) {
        listener = next;
    }

    /** Sets the negotiated frame-max, which includes prefix and end octet, for the next frame. */
    void frameMax(int frameMax) {
        maxBodyFrame = frameMax;
        maxFixedFrame = Math.max(frameMax, MAX_FIXED_FRAME);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        ByteBuf in = (ByteBuf) bytes;
        try {
            completePartial(ctx, in);
            decode(ctx, in);
            if (in.isReadable()) {
                savePartial(ctx, in);
            }
        } finally {
            in.release();
        }
    }

    /** A buffer for partial frames that is empty at a tick of the heartbeats is released. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == HeartbeatHandler.TICK && partial != null && !partial.isReadable()) {
            releasePartial();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        failed = true;
        releasePartial();
    }

    private void savePartial(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf buffer = partial;
        if (buffer == null) {
            buffer = ctx.alloc().buffer(INITIAL_CAPACITY);
            partial = buffer;
        }
        buffer.writeBytes(in);
    }

    private void releasePartial() {
        ByteBuf buffer = partial;
        partial = null;
        if (buffer != null) {
            buffer.release();
        }
    }

    /**
     * Appends the missing bytes of the partial frame: first those of its prefix, which has the size, then the others.
     */
    private void completePartial(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf buffer = partial;
        while (buffer != null && buffer.isReadable() && in.isReadable()) {
            int available = buffer.readableBytes();
            long needed = available < FrameFormat.PREFIX_SIZE
                    ? FrameFormat.PREFIX_SIZE
                    : FrameFormat.payloadSize(buffer, buffer.readerIndex()) + FrameFormat.OVERHEAD;
            buffer.writeBytes(in, (int) Math.min(needed - available, in.readableBytes()));
            decode(ctx, buffer);
        }
        if (buffer != null && !buffer.isReadable()) {
            buffer.clear();
            if (buffer.capacity() > MAX_KEPT_CAPACITY) {
                releasePartial();
            }
        }
    }

    /** Decodes all complete frames; after a violation, skips all bytes. */
    private void decode(ChannelHandlerContext ctx, ByteBuf in) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        while (end - start >= FrameFormat.PREFIX_SIZE && !failed) {
            try {
                long prefix = FrameFormat.prefix(in, start, end - start);
                int type = FrameFormat.type(prefix);
                int channel = FrameFormat.channel(prefix);
                long size = FrameFormat.payloadSize(prefix);
                checkPrefix(type, channel, size);
                if (end - start - FrameFormat.OVERHEAD < size) {
                    break;
                }
                int payload = start + FrameFormat.PREFIX_SIZE;
                int length = (int) size;
                checkEnd(in.getUnsignedByte(payload + length));
                start = payload + length + 1;
                in.setIndex(payload, payload + length); // a listener cannot read into the next frame
                listener.frame(type, channel, in, length);
            } catch (RuntimeException | Error e) {
                ctx.fireExceptionCaught(e);
            }
        }
        in.setIndex(failed ? end : start, end);
    }

    private void checkPrefix(int type, int channel, long size) {
        boolean heartbeat = type == FrameFormat.HEARTBEAT;
        if (type != FrameFormat.METHOD && type != FrameFormat.HEADER && type != FrameFormat.BODY && !heartbeat) {
            throw frameError("frame type: " + type + " (expected: 1, 2, 3 or 8)");
        }
        int max = type == FrameFormat.BODY ? maxBodyFrame : maxFixedFrame;
        if (size > max - FrameFormat.OVERHEAD) {
            throw frameError("frame size: " + (size + FrameFormat.OVERHEAD) + " (expected: <= " + max + ")");
        }
        if (heartbeat && (channel != 0 || size != 0)) {
            throw frameError("heartbeat: channel " + channel + ", size " + size + " (expected: channel 0, size 0)");
        }
    }

    private void checkEnd(int end) {
        if (end != FrameFormat.END) {
            throw frameError("frame end: 0x" + Integer.toHexString(end) + " (expected: 0xce)");
        }
    }

    private AmqpProtocolException frameError(String message) {
        failed = true;
        return new AmqpProtocolException(message, ReplyCode.FRAME_ERROR, null);
    }
}
