package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Establishes one connection (DNS, credentials and TLS files; TCP; TLS; AMQP handshake) within connectTimeout. Tries
 * the addresses of the host in order until TCP connects. The inputs are retrieved on a thread of their own, since that
 * may block, which is interrupted when the attempt ends; everything else runs on the event loop.
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
    private final NettyTransport transport;
    private final Address address;
    private final ConnectLookups lookups;
    private final ConnectionOptions options;
    private final ResultFactory<T> results;
    private final Promise<T> promise;

    private @Nullable Channel channel;
    private @Nullable HandshakeHandler handshake;
    private @Nullable PipelineInitializer pipeline;
    private volatile String step = "";

    Connector(
            EventLoop loop,
            NettyTransport transport,
            Address address,
            ConnectLookups lookups,
            ResultFactory<T> results) {
        this.loop = loop;
        this.transport = transport;
        this.address = address;
        this.lookups = lookups;
        this.options = lookups.options();
        this.results = results;
        this.promise = loop.newPromise();
    }

    /** Starts to connect. Cancelling the future closes the socket. */
    Future<T> start() {
        long millis = Math.max(1, options.connectTimeout().toMillis());
        ScheduledFuture<?> timer = loop.schedule(this::timedOut, millis, TimeUnit.MILLISECONDS);
        Thread thread = new Thread(this::retrieveInputs, "holdfast-lookup-" + address);
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (Throwable e) { // a temporary lack of threads must not end the reconnecting
            promise.tryFailure(new ConnectFailedException("no thread to connect to " + address + ": " + e, e, true));
        }
        return promise.addListener(done -> {
            timer.cancel(false);
            thread.interrupt();
            if (!done.isSuccess() && channel != null) {
                channel.close();
            }
        });
    }

    private void retrieveInputs() {
        try {
            ConnectInputs inputs = lookups.retrieve(address, name -> step = name);
            loop.execute(() -> connect(inputs, 0, null));
        } catch (RejectedExecutionException e) {
            // The connection was closed and its event loop shut down: the future is no longer needed.
        } catch (Throwable e) {
            promise.tryFailure(ConnectErrors.inputs(address, e));
        }
    }

    private void connect(ConnectInputs inputs, int index, @Nullable Throwable firstCause) {
        if (promise.isDone()) {
            return;
        }
        InetAddress target = inputs.addresses().get(index);
        step = "TCP (" + target.getHostAddress() + ")";
        handshake = new HandshakeHandler(
                new Handshake(address, options, inputs.credentials()), options.tls(), new HandshakeOutcome());
        pipeline = new PipelineInitializer(address, options, inputs.tls(), handshake);
        ReusableRecvAllocator recvAllocator = new ReusableRecvAllocator();
        ChannelFuture connecting = bootstrap(pipeline, recvAllocator, inputs.tls() != null)
                .connect(new InetSocketAddress(target, address.port()));
        channel = connecting.channel();
        channel.closeFuture().addListener(closed -> recvAllocator.close());
        connecting.addListener(done -> connected(done, inputs, index, firstCause));
    }

    private Bootstrap bootstrap(PipelineInitializer initializer, ReusableRecvAllocator recvAllocator, boolean tls) {
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
                        tls ? PooledByteBufAllocator.DEFAULT : transport.allocator())
                .option(ChannelOption.RECVBUF_ALLOCATOR, recvAllocator)
                .handler(initializer);
    }

    private void connected(Future<?> done, ConnectInputs inputs, int index, @Nullable Throwable firstCause) {
        if (done.isSuccess()) {
            step = "";
            return;
        }
        handshake = null;
        Throwable cause = firstCause == null ? done.cause() : firstCause;
        if (index + 1 < inputs.addresses().size()) {
            connect(inputs, index + 1, cause);
        } else {
            promise.tryFailure(ConnectErrors.tcp(address, cause));
        }
    }

    private void timedOut() {
        String waitingFor = step.isEmpty() && handshake != null ? handshake.step() : step;
        promise.tryFailure(ConnectErrors.timeout(address, options.connectTimeout(), waitingFor));
    }

    /** Completes the future. Ignores the failure of a handler whose address refused TCP: the next address is tried. */
    private final class HandshakeOutcome implements HandshakeHandler.Outcome {
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
            if (handshake != null) {
                promise.tryFailure(ConnectErrors.handshake(address, cause));
            }
        }
    }
}
