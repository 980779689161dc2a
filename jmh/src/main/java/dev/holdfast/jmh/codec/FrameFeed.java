package dev.holdfast.jmh.codec;

import dev.holdfast.internal.transport.FrameDecoder;
import dev.holdfast.internal.transport.FrameListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/** Feeds bytes to a frame decoder repeatedly, cut as reads from a socket cut them. Not thread-safe. */
public final class FrameFeed {
    private static final int READ = 64 << 10;
    private static final int FRAME_MAX = 131_072;

    private final FrameDecoder decoder;
    private final ChannelHandlerContext context;
    private final List<ByteBuf> reads = new ArrayList<>();

    /** Copies {@code bytes}, which hold whole frames, into buffers of one read each. */
    public FrameFeed(byte[] bytes, FrameListener listener) {
        this.decoder = new FrameDecoder(FRAME_MAX, listener);
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        channel.config().setAllocator(UnpooledByteBufAllocator.DEFAULT); // as a connection without TLS has it
        this.context = channel.pipeline().context(decoder);
        for (int from = 0; from < bytes.length; from += READ) {
            int length = Math.min(READ, bytes.length - from);
            reads.add(Unpooled.directBuffer(length, length).writeBytes(bytes, from, length));
        }
    }

    /** Feeds everything once. */
    void feed() throws Exception {
        for (ByteBuf read : reads) {
            read.setIndex(0, read.capacity()).retain();
            decoder.channelRead(context, read);
        }
    }
}
