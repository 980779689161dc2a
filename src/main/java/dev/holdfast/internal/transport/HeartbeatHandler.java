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
 * Sends heartbeats and detects a dead peer. A heartbeat is sent if nothing was written for half the interval. Any
 * received byte counts as a heartbeat; after two intervals without one, a {@link HeartbeatTimeoutException} is fired as
 * {@code exceptionCaught}. Its place in the pipeline is below the frame decoder, where bytes pass. Event loop only.
 */
final class HeartbeatHandler extends ChannelDuplexHandler {
    static final String NAME = "heartbeat";

    /** The user event that this handler fires about twice in an interval. */
    static final Object TICK = new Object();

    /** Delay before a timeout is reported: bytes may be unread in the socket after a long task of the event loop. */
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final long intervalNanos;

    private long lastRead;
    private long lastWrite;
    private boolean timedOutOnce;
    private @Nullable Future<?> timer;

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
        timedOutOnce = false;
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
            lastRead = now; // silence while reading is paused does not count
        }
        long untilTimeout = lastRead + 2 * intervalNanos - now;
        if (untilTimeout <= 0 && timedOutOnce) {
            timer = null;
            ctx.fireExceptionCaught(new HeartbeatTimeoutException(
                    "nothing received from the broker for " + TimeUnit.NANOSECONDS.toSeconds(now - lastRead)
                            + " s (heartbeat interval: " + TimeUnit.NANOSECONDS.toSeconds(intervalNanos) + " s)"));
            return;
        }
        timedOutOnce = untilTimeout <= 0;
        long untilHeartbeat = lastWrite + intervalNanos / 2 - now;
        if (untilHeartbeat <= 0) {
            sendHeartbeat(ctx);
            untilHeartbeat = intervalNanos / 2;
        }
        ctx.fireUserEventTriggered(TICK);
        schedule(ctx, Math.min(untilHeartbeat, timedOutOnce ? GRACE_NANOS : untilTimeout));
    }

    /** Skipped if the send queue is full: its frames serve as heartbeat once the peer reads again. */
    private void sendHeartbeat(ChannelHandlerContext ctx) {
        lastWrite = now(ctx);
        if (ctx.channel().isWritable()) {
            ByteBuf frame = ctx.alloc().buffer(FrameFormat.OVERHEAD);
            FrameFormat.writeHeartbeat(frame);
            ctx.channel().writeAndFlush(frame, ctx.voidPromise());
        }
    }

    private void schedule(ChannelHandlerContext ctx, long delayNanos) {
        timer = ctx.executor().schedule(() -> tick(ctx), delayNanos, TimeUnit.NANOSECONDS);
    }

    private void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private static long now(ChannelHandlerContext ctx) {
        return ctx.executor().ticker().nanoTime();
    }
}
