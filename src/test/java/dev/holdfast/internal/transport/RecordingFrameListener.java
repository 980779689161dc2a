package dev.holdfast.internal.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/** Records frames as text: type, channel, payload in hex. */
final class RecordingFrameListener implements FrameListener {
    final List<String> frames = new ArrayList<>();

    @Override
    public void frame(int type, int channel, ByteBuf in, int length) {
        if (in.readableBytes() != length) {
            throw new AssertionError("readable: " + in.readableBytes() + " (expected: " + length + ")");
        }
        frames.add(type + " " + channel + " " + ByteBufUtil.hexDump(in, in.readerIndex(), length));
    }
}
