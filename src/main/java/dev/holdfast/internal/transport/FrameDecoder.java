package dev.holdfast.internal.transport;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the byte stream into frames and hands each to the {@link FrameListener} in place; layout in {@link FrameFormat}.
 * Only a frame that two reads share is copied together.
 *
 * <p>Type and size are judged before the payload is waited for. After a violation nothing more is read: nobody knows
 * where the next frame starts. An exception of the sink loses its own frame only. Event loop only.
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter {
    static final String NAME = "frames";

    /** What a frame that two reads share is copied into at first: most are small. */
    private static final int FIRST = 512;

    /**
     * What is kept for the next one at the most: brokers send frames of up to 128 KiB unless they are told otherwise.
     */
    private static final int KEPT = 256 * 1024;

    private FrameListener sink;
    private int maxFrameSize;
    private boolean failed;

    /** The beginning of a frame whose rest has not come; empty, or null, where there is none. */
    private @Nullable ByteBuf begun;

    public FrameDecoder(int maxFrameSize, FrameListener sink) {
        this.maxFrameSize = maxFrameSize;
        this.sink = sink;
    }

    /** Changes where the next frame goes. */
    void sink(FrameListener next) {
        sink = next;
    }

    /** Changes how large the next frame may be, prefix and end octet included. */
    void maxFrameSize(int size) {
        maxFrameSize = size;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        ByteBuf in = (ByteBuf) bytes;
        try {
            finishBegun(ctx, in);
            decode(ctx, in);
            if (in.isReadable()) {
                begin(ctx, in);
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        failed = true;
        forgetBegun();
    }

    private void begin(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf part = begun;
        if (part == null) {
            part = ctx.alloc().buffer(FIRST);
            begun = part;
        }
        part.writeBytes(in);
    }

    private void forgetBegun() {
        ByteBuf part = begun;
        begun = null;
        if (part != null) {
            part.release();
        }
    }

    /** Takes what the frame that was begun still needs: first its prefix, which says how much that is. */
    private void finishBegun(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf part = begun;
        while (part != null && part.isReadable() && in.isReadable()) {
            int there = part.readableBytes();
            long whole = there < FrameFormat.PREFIX_SIZE
                    ? FrameFormat.PREFIX_SIZE
                    : FrameFormat.payloadSize(part, part.readerIndex()) + FrameFormat.OVERHEAD;
            part.writeBytes(in, (int) Math.min(whole - there, in.readableBytes()));
            decode(ctx, part);
        }
        if (part != null && !part.isReadable()) {
            part.clear();
            if (part.capacity() > KEPT) {
                forgetBegun();
            }
        }
    }

    /** Every whole frame; after a violation everything. */
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
                in.setIndex(payload, payload + length); // no sink can read into the next frame
                sink.frame(type, channel, in, length);
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
        if (size > maxFrameSize - FrameFormat.OVERHEAD) {
            throw frameError("frame size: " + (size + FrameFormat.OVERHEAD) + " (expected: <= " + maxFrameSize + ")");
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
