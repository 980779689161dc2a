package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.eventloop.NettyTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects one socket: TCP, TLS and the AMQP handshake, within connectTimeout. Event loop only.
 *
 * @param <T> the result
 */
final class Connector<T> {
    /** Creates the result when the handshake has succeeded. */
    interface ResultFactory<T> {
        T create(Channel channel, PipelineInitializer pipeline, Handshake handshake);
    }

    private static final int LOW_WATER_MARK = 1 << 18;
    private static final int HIGH_WATER_MARK = 1 << 19;

    private final EventLoop loop;
    private final ConnectTarget target;
    private final ConnectInputs inputs;
    private final ConnectionOptions options;
    private final ConnectProgress progress;
    private final ResultFactory<T> results;
    private final Promise<T> promise;

    private @Nullable Channel channel;
    private @Nullable HandshakeHandler handshake;
    private @Nullable PipelineInitializer pipeline;
    private boolean connected;

    Connector(
            EventLoop loop,
            ConnectTarget target,
            ConnectInputs inputs,
            ConnectProgress progress,
            ResultFactory<T> results) {
        this.loop = loop;
        this.target = target;
        this.inputs = inputs;
        this.options = inputs.options();
        this.progress = progress;
        this.results = results;
        this.promise = loop.newPromise();
    }

    /** Starts to connect. Cancelling the future closes the socket. */
    Future<T> start(NettyTransport transport) {
        long millis = Math.max(1, options.connectTimeout().toMillis());
        ScheduledFuture<?> timer = loop.schedule(this::timedOut, millis, TimeUnit.MILLISECONDS);
        promise.addListener(done -> {
            timer.cancel(false);
            if (!done.isSuccess() && channel != null) {
                channel.close();
            }
        });
        Handshake steps = new Handshake(target, options, inputs.credentials());
        handshake = new HandshakeHandler(steps, options.tls(), new HandshakeOutcome());
        pipeline = new PipelineInitializer(target, options, inputs.tls(), handshake);
        ReusableRecvAllocator recvAllocator = new ReusableRecvAllocator();
        ChannelFuture connecting = bootstrap(transport, pipeline, recvAllocator).connect(target.socket());
        channel = connecting.channel();
        channel.closeFuture().addListener(closed -> recvAllocator.close());
        connecting.addListener(this::connected);
        return promise;
    }

    private Bootstrap bootstrap(
            NettyTransport transport, PipelineInitializer initializer, ReusableRecvAllocator recvAllocator) {
        return new Bootstrap()
                .group(loop)
                .channel(transport.channelClass())
                .disableResolver()
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // the timer of start() covers it
                .option(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(LOW_WATER_MARK, HIGH_WATER_MARK))
                .option(
                        ChannelOption.ALLOCATOR,
                        // TLS allocates buffers for every record; without it there are few, and a pool is slow to set
                        // up
                        options.tls() ? PooledByteBufAllocator.DEFAULT : transport.allocator())
                .option(ChannelOption.RECVBUF_ALLOCATOR, recvAllocator)
                .handler(initializer);
    }

    private void connected(Future<?> done) {
        connected = done.isSuccess();
        if (!connected) {
            promise.tryFailure(ConnectErrors.tcp(target, done.cause()));
        } else if (!promise.isDone()) {
            progress.connected();
        }
    }

    private void timedOut() {
        String step = connected && handshake != null
                ? handshake.step()
                : "TCP (" + target.ip().getHostAddress() + ")";
        promise.tryFailure(ConnectErrors.timeout(target.toString(), options.connectTimeout(), step));
    }

    /** Completes the future. Ignores what the handlers report if TCP has not connected. */
    private final class HandshakeOutcome implements HandshakeHandler.Outcome {
        @Override
        public boolean answered() {
            if (!promise.isDone()) {
                progress.answered();
            }
            return !promise.isDone();
        }

        @Override
        public void opened(Handshake opening) {
            if (channel == null || pipeline == null || !promise.setUncancellable()) {
                return;
            }
            try {
                promise.trySuccess(results.create(channel, pipeline, opening));
            } catch (RuntimeException | Error e) {
                promise.tryFailure(e);
            }
        }

        @Override
        public void failed(Throwable cause) {
            if (connected) {
                promise.tryFailure(ConnectErrors.handshake(target, cause));
            }
        }
    }
}
