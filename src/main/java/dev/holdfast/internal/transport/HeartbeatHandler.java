package dev.holdfast.internal.transport;

import dev.holdfast.HeartbeatTimeoutException;
import dev.holdfast.internal.frame.FrameFormat;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a quiet connection alive and gives up a dead one. Any byte counts as life. A heartbeat goes out when nothing
 * was written for half the interval; two intervals of silence end the connection by a {@link HeartbeatTimeoutException}
 * in {@code exceptionCaught}. Stands where bytes pass. Event loop only.
 */
final class HeartbeatHandler extends ChannelDuplexHandler {
    static final String NAME = "heartbeat";

    /** After a busy loop, bytes may lie unread in the socket: one more turn may find them. */
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final long intervalNanos;

    private long lastRead;
    private long lastWrite;
    private boolean suspect;
    private @Nullable Future<?> next;

    HeartbeatHandler(int intervalSeconds) {
        this.intervalNanos = TimeUnit.SECONDS.toNanos(intervalSeconds);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        lastRead = now(ctx);
        lastWrite = lastRead;
        schedule(ctx, intervalNanos / 2);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stop();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stop();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        lastRead = now(ctx);
        suspect = false;
        ctx.fireChannelRead(bytes);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        lastWrite = now(ctx);
        ctx.flush();
    }

    private void tick(ChannelHandlerContext ctx) {
        long now = now(ctx);
        if (!ctx.channel().config().isAutoRead()) {
            lastRead = now; // nobody listens
        }
        long untilDead = lastRead + 2 * intervalNanos - now;
        if (untilDead <= 0 && suspect) {
            next = null;
            ctx.fireExceptionCaught(new HeartbeatTimeoutException(
                    "nothing heard from the broker for " + TimeUnit.NANOSECONDS.toSeconds(now - lastRead)
                            + " s (heartbeat interval: " + TimeUnit.NANOSECONDS.toSeconds(intervalNanos) + " s)"));
            return;
        }
        suspect = untilDead <= 0;
        long untilBeat = lastWrite + intervalNanos / 2 - now;
        if (untilBeat <= 0) {
            beat(ctx);
            untilBeat = intervalNanos / 2;
        }
        schedule(ctx, Math.min(untilBeat, suspect ? GRACE_NANOS : untilDead));
    }

    /** What waits in a full send queue is life enough once the peer reads again. */
    private void beat(ChannelHandlerContext ctx) {
        lastWrite = now(ctx);
        if (ctx.channel().isWritable()) {
            ByteBuf frame = ctx.alloc().buffer(FrameFormat.OVERHEAD);
            FrameFormat.writeHeartbeat(frame);
            ctx.channel().writeAndFlush(frame, ctx.voidPromise());
        }
    }

    private void schedule(ChannelHandlerContext ctx, long delayNanos) {
        next = ctx.executor().schedule(() -> tick(ctx), delayNanos, TimeUnit.NANOSECONDS);
    }

    private void stop() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    private static long now(ChannelHandlerContext ctx) {
        return ctx.executor().ticker().nanoTime();
    }
}
