package dev.holdfast.internal.transport;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Cuts the byte stream into frames and hands each to the {@link FrameSink} in place; layout in {@link FrameFormat}.
 * Type and size are judged before the payload is waited for. After a violation nothing more is read: nobody knows where
 * the next frame starts. An exception of the sink loses its own frame only. Event loop only.
 */
final class FrameDecoder extends ByteToMessageDecoder {
    static final String NAME = "frames";

    private FrameSink sink;
    private int maxFrameSize;
    private boolean failed;

    FrameDecoder(int maxFrameSize, FrameSink sink) {
        this.maxFrameSize = maxFrameSize;
        this.sink = sink;
    }

    /** Changes where the next frame goes. */
    void sink(FrameSink next) {
        sink = next;
    }

    /** Changes how large the next frame may be, prefix and end octet included. */
    void maxFrameSize(int size) {
        maxFrameSize = size;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (failed) {
            in.skipBytes(in.readableBytes());
            return;
        }
        boolean more = true;
        while (more) {
            more = decodeFrame(in);
        }
    }

    private boolean decodeFrame(ByteBuf in) {
        if (in.readableBytes() < FrameFormat.PREFIX_SIZE) {
            return false;
        }
        int start = in.readerIndex();
        int type = FrameFormat.type(in, start);
        int channel = FrameFormat.channel(in, start);
        long size = FrameFormat.payloadSize(in, start);
        checkPrefix(type, channel, size);
        int length = (int) size;
        if (in.readableBytes() < length + FrameFormat.OVERHEAD) {
            return false;
        }
        int payload = start + FrameFormat.PREFIX_SIZE;
        checkEnd(in.getUnsignedByte(payload + length));
        deliver(in, payload, type, channel, length);
        return true;
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

    /** The writer index is drawn in for the call, so that no sink can read into the next frame. */
    private void deliver(ByteBuf in, int payload, int type, int channel, int length) {
        int writerIndex = in.writerIndex();
        in.setIndex(payload, payload + length);
        try {
            sink.frame(type, channel, in, length);
        } finally {
            in.setIndex(payload + length + 1, writerIndex);
        }
    }

    private AmqpProtocolException frameError(String message) {
        failed = true;
        return new AmqpProtocolException(message, ReplyCode.FRAME_ERROR, null);
    }
}
