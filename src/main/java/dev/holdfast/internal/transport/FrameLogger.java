package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.FrameFormatter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Logs each frame of both directions as a line of {@link FrameFormatter}. Off by default; {@link
 * dev.holdfast.ConnectionOptions#frameLog} logs the frames of one connection at INFO, the level DEBUG of the logger
 * {@code dev.holdfast.frames} those of all connections. Outgoing buffers hold complete frames. Event loop only.
 */
final class FrameLogger extends ChannelOutboundHandlerAdapter {
    static final String NAME = "log";

    private static final System.Logger LOGGER = System.getLogger("dev.holdfast.frames");
    private static final int PROTOCOL_HEADER_SIZE = 8;

    private final Consumer<String> lines;

    FrameLogger(Consumer<String> lines) {
        this.lines = lines;
    }

    /** Returns the handler for a pipeline, null if frames are not logged. */
    static @Nullable FrameLogger ifEnabled(boolean enabled) {
        if (enabled) {
            return new FrameLogger(line -> LOGGER.log(System.Logger.Level.INFO, line));
        }
        boolean debug = LOGGER.isLoggable(System.Logger.Level.DEBUG);
        return debug ? new FrameLogger(line -> LOGGER.log(System.Logger.Level.DEBUG, line)) : null;
    }

    /** Returns a listener that logs each frame before it calls {@code next}. */
    FrameListener logging(FrameListener next) {
        return (type, channel, in, length) -> {
            lines.accept(FrameFormatter.line("<<", type, channel, in, in.readerIndex(), length));
            next.frame(type, channel, in, length);
        };
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (msg instanceof ByteBuf frames) {
            log(frames);
        }
        ctx.write(msg, promise);
    }

    private void log(ByteBuf frames) {
        int index = frames.readerIndex();
        int end = frames.writerIndex();
        if (end - index == PROTOCOL_HEADER_SIZE && frames.getByte(index) == 'A') {
            lines.accept(">> AMQP 0-9-1");
            return;
        }
        while (end - index >= FrameFormat.OVERHEAD) {
            int length = (int) FrameFormat.payloadSize(frames, index);
            int payload = index + FrameFormat.PREFIX_SIZE;
            int type = FrameFormat.type(frames, index);
            lines.accept(FrameFormatter.line(">>", type, FrameFormat.channel(frames, index), frames, payload, length));
            index = payload + length + 1;
        }
    }
}
