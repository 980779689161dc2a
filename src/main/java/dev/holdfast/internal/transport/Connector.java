package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
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
 * Makes one connection: look-up, TCP, TLS and handshake, all within connectTimeout. Each address of the host is tried
 * until one answers. Look-up runs on a thread of its own, since it may block; everything else on the event loop.
 */
final class Connector<T> {
    /** Makes the result of an open connection. */
    interface Opened<T> {
        T open(Channel channel, PipelineInitializer pipeline, Handshake handshake);
    }

    private static final int LOW_WATER_MARK = 1 << 18;
    private static final int HIGH_WATER_MARK = 1 << 19;

    private final EventLoop loop;
    private final NettyTransport transport;
    private final Address address;
    private final ConnectionOptions options;
    private final Opened<T> opened;
    private final Promise<T> promise;

    private @Nullable Channel channel;
    private @Nullable HandshakeHandler handshake;
    private @Nullable PipelineInitializer pipeline;
    private String step = "the name service, the supplier of credentials or the files of TLS";

    Connector(EventLoop loop, NettyTransport transport, Address address, ConnectionOptions options, Opened<T> opened) {
        this.loop = loop;
        this.transport = transport;
        this.address = address;
        this.options = options;
        this.opened = opened;
        this.promise = loop.newPromise();
    }

    /** Starts. Cancelling the future drops what was reached. */
    Future<T> start() {
        long millis = Math.max(1, options.connectTimeout().toMillis());
        ScheduledFuture<?> timer = loop.schedule(this::timedOut, millis, TimeUnit.MILLISECONDS);
        Thread lookup = new Thread(this::lookUp, "holdfast-lookup-" + address);
        lookup.setDaemon(true);
        try {
            lookup.start();
        } catch (Throwable e) { // a machine that is out of threads for a while must not end all reconnecting
            promise.tryFailure(new ConnectFailedException("no thread to connect to " + address + ": " + e, e, true));
        }
        return promise.addListener(done -> {
            timer.cancel(false);
            if (!done.isSuccess() && channel != null) {
                channel.close();
            }
        });
    }

    private void lookUp() {
        try {
            ConnectInputs found = ConnectInputs.of(address.host(), options);
            loop.execute(() -> connect(found, 0, null));
        } catch (RejectedExecutionException e) {
            // The connection was closed meanwhile, and its loop is gone: nobody waits any more.
        } catch (Throwable e) {
            promise.tryFailure(ConnectErrors.lookup(address, e));
        }
    }

    private void connect(ConnectInputs found, int index, @Nullable Throwable earlier) {
        if (promise.isDone()) {
            return;
        }
        InetAddress target = found.addresses().get(index);
        step = "TCP (" + target.getHostAddress() + ")";
        handshake =
                new HandshakeHandler(new Handshake(address, options, found.credentials()), options.tls(), new Ending());
        pipeline = new PipelineInitializer(address, options, found.tls(), handshake);
        ReusableRecvAllocator received = new ReusableRecvAllocator();
        ChannelFuture connecting = bootstrap(pipeline, received, found.tls() != null)
                .connect(new InetSocketAddress(target, address.port()));
        channel = connecting.channel();
        channel.closeFuture().addListener(closed -> received.close());
        connecting.addListener(done -> connected(done, found, index, earlier));
    }

    private Bootstrap bootstrap(PipelineInitializer handlers, ReusableRecvAllocator received, boolean tls) {
        return new Bootstrap()
                .group(loop)
                .channel(transport.channelClass())
                .disableResolver()
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // our own timer covers it
                .option(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(LOW_WATER_MARK, HIGH_WATER_MARK))
                .option(
                        ChannelOption.ALLOCATOR,
                        // TLS takes buffers for every record; else there are few, and a pool is slow to set up.
                        tls ? PooledByteBufAllocator.DEFAULT : UnpooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, received)
                .handler(handlers);
    }

    private void connected(Future<?> done, ConnectInputs found, int index, @Nullable Throwable earlier) {
        if (done.isSuccess()) {
            step = "";
            return;
        }
        handshake = null;
        Throwable cause = earlier == null ? done.cause() : earlier;
        if (index + 1 < found.addresses().size()) {
            connect(found, index + 1, cause);
        } else {
            promise.tryFailure(ConnectErrors.tcp(address, cause));
        }
    }

    private void timedOut() {
        String waitingFor = step.isEmpty() && handshake != null ? handshake.step() : step;
        promise.tryFailure(ConnectErrors.timeout(address, options.connectTimeout(), waitingFor));
    }

    /** Hears how one handshake ended; that of an address which refused TCP has nothing to say. */
    private final class Ending implements HandshakeHandler.Outcome {
        @Override
        public void opened(Handshake opening) {
            if (channel == null || pipeline == null || !promise.setUncancellable()) {
                return;
            }
            try {
                promise.trySuccess(opened.open(channel, pipeline, opening));
            } catch (RuntimeException e) {
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
