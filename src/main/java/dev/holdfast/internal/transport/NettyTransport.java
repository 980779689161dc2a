package dev.holdfast.internal.transport;

import dev.holdfast.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ways to drive a socket. The natives' classes may be missing: each is touched only by the lambda that asks for it,
 * and a missing class counts as a missing library. Thread-safe.
 */
public final class NettyTransport {
    private static final NettyTransport NIO =
            new NettyTransport(Transport.NIO, NioIoHandler.newFactory(), NioSocketChannel.class);

    private final Transport transport;
    private final IoHandlerFactory handlers;
    private final Class<? extends Channel> channelClass;

    private NettyTransport(Transport transport, IoHandlerFactory handlers, Class<? extends Channel> channelClass) {
        this.transport = transport;
        this.handlers = handlers;
        this.channelClass = channelClass;
    }

    /**
     * The transport asked for; AUTO takes epoll, else kqueue, else NIO. One that cannot run here is an {@link
     * IllegalStateException} that says why.
     */
    public static NettyTransport of(Transport wanted) {
        return switch (wanted) {
            case NIO -> NIO;
            case AUTO -> {
                NettyTransport epoll = load(NettyTransport::epoll, null);
                NettyTransport kqueue = epoll == null ? load(NettyTransport::kqueue, null) : null;
                yield epoll != null ? epoll : kqueue != null ? kqueue : NIO;
            }
            case EPOLL -> required(wanted, NettyTransport::epoll);
            case KQUEUE -> required(wanted, NettyTransport::kqueue);
            case IO_URING -> required(wanted, NettyTransport::ioUring);
        };
    }

    /** A loop of one daemon thread with this name. */
    public EventLoopGroup newGroup(String threadName) {
        return new MultiThreadIoEventLoopGroup(1, new NamedThreads(threadName), handlers);
    }

    /** Which transport this is; never AUTO. */
    public Transport transport() {
        return transport;
    }

    Class<? extends Channel> channelClass() {
        return channelClass;
    }

    private static NettyTransport epoll() {
        Epoll.ensureAvailability();
        return new NettyTransport(Transport.EPOLL, EpollIoHandler.newFactory(), EpollSocketChannel.class);
    }

    private static NettyTransport kqueue() {
        KQueue.ensureAvailability();
        return new NettyTransport(Transport.KQUEUE, KQueueIoHandler.newFactory(), KQueueSocketChannel.class);
    }

    private static NettyTransport ioUring() {
        IoUring.ensureAvailability();
        return new NettyTransport(Transport.IO_URING, IoUringIoHandler.newFactory(), IoUringSocketChannel.class);
    }

    private static NettyTransport required(Transport wanted, Supplier<NettyTransport> loader) {
        Throwable[] why = new Throwable[1];
        NettyTransport found = load(loader, why);
        if (found == null) {
            throw new IllegalStateException(
                    "transport: " + wanted + " is not available here (" + why[0]
                            + "; expected: netty-transport-native-"
                            + wanted.name().toLowerCase(Locale.ROOT)
                            + " for this platform on the class path)",
                    why[0]);
        }
        return found;
    }

    private static @Nullable NettyTransport load(Supplier<NettyTransport> loader, Throwable @Nullable [] why) {
        try {
            return loader.get();
        } catch (LinkageError e) {
            if (why != null) {
                why[0] = e;
            }
            return null;
        }
    }

    /** Gives the one thread the bare name, without the factory's counters. */
    private static final class NamedThreads extends DefaultThreadFactory {
        private final String name;

        NamedThreads(String name) {
            super(name, true);
            this.name = name;
        }

        @Override
        protected Thread newThread(Runnable task, String counted) {
            return super.newThread(task, name);
        }
    }
}
