package dev.holdfast.internal.transport;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Handshake} on a channel and reports its {@link Outcome}. {@link PipelineInitializer#open} then replaces
 * this handler with that of the link. Event loop only.
 */
final class HandshakeHandler extends ChannelInboundHandlerAdapter implements FrameListener {
    static final String NAME = "handshake";

    /**
     * Maximum size of a sent frame before connection.tune. The specification guarantees 4096; a broker may take more,
     * which the client cannot know: RabbitMQ takes 8192 since 4.1 (initial_frame_max).
     */
    private static final int MAX_FRAME = 1 << 17;

    /** Receives the first answer and the outcome: either opened or failed is called, once. */
    interface Outcome {
        /** The broker has sent its first method. Returns whether the handshake goes on. */
        boolean answered();

        /** connection.open-ok was received. */
        void opened(Handshake handshake);

        /** The handshake failed; {@code cause} is not translated yet. */
        void failed(Throwable cause);
    }

    private final Handshake handshake;
    private final boolean tls;
    private final Outcome outcome;

    private @Nullable ChannelHandlerContext context;
    private boolean tlsEstablished;
    private boolean done;

    HandshakeHandler(Handshake handshake, boolean tls, Outcome outcome) {
        this.handshake = handshake;
        this.tls = tls;
        this.outcome = outcome;
    }

    /** What the handshake is waiting for, for the message of a timeout. */
    String step() {
        return tls && !tlsEstablished ? "the TLS handshake" : handshake.awaited();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (!tls) {
            begin(ctx);
        }
        ctx.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent tlsDone) {
            if (tlsDone.isSuccess()) {
                tlsEstablished = true;
                begin(ctx);
            } else {
                fail(tlsDone.cause());
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    private static void begin(ChannelHandlerContext ctx) {
        byte[] header = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
        ctx.writeAndFlush(Unpooled.wrappedBuffer(header), ctx.voidPromise());
    }

    @Override
    public void frame(int type, int channel, ByteBuf in, int length) {
        if (done || context == null || type == FrameFormat.HEARTBEAT) {
            return;
        }
        if (type != FrameFormat.METHOD || channel != 0) {
            throw new AmqpProtocolException(
                    "frame of type " + type + " on channel " + channel + " before connection.open-ok",
                    ReplyCode.UNEXPECTED_FRAME,
                    null);
        }
        Method method = FrameFormat.readMethod(in, length);
        if (handshake.isAtStart() && !outcome.answered()) {
            return;
        }
        if (method instanceof ConnectionMethods.Close) {
            send(context, ConnectionMethods.CloseOk.INSTANCE);
            context.flush();
        }
        for (Method answer : handshake.received(method)) {
            send(context, answer);
        }
        context.flush();
        if (handshake.isOpen()) {
            done = true;
            outcome.opened(handshake);
        }
    }

    private void send(ChannelHandlerContext ctx, Method method) {
        ByteBuf frame = ctx.alloc().buffer();
        try {
            FrameFormat.writeMethod(frame, 0, method);
            int bytes = frame.readableBytes();
            if (method instanceof ConnectionMethods.StartOk login) {
                handshake.loginSize(bytes, login.response().length());
            }
            if (bytes > MAX_FRAME) {
                throw new IllegalArgumentException(
                        method.methodName() + ": " + bytes + " bytes" + handshake.loginSizeHint()
                                + " (expected: <= " + MAX_FRAME
                                + ", one frame before tune: shorten credentials or clientProperties)");
            }
            ctx.write(frame.retain(), ctx.voidPromise());
        } finally {
            frame.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable unwrapped = ExceptionTranslator.unwrap(cause);
        // TLS 1.3: a rejection of the client certificate arrives after the TLS handshake.
        boolean lost = unwrapped instanceof IOException
                && (!tls || tlsEstablished)
                && !(unwrapped instanceof SSLException && handshake.isAtStart());
        fail(lost ? handshake.lost(unwrapped) : unwrapped);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(
                tls && !tlsEstablished
                        ? new IOException("connection closed during the TLS handshake")
                        : handshake.lost(null));
        ctx.fireChannelInactive();
    }

    private void fail(Throwable cause) {
        if (!done) {
            done = true;
            outcome.failed(cause);
        }
    }
}
