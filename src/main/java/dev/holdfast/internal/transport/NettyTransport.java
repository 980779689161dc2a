package dev.holdfast.internal.transport;

import dev.holdfast.Transport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
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
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Selects a Netty transport (NIO, epoll, kqueue, io_uring) and creates its event loops. The classes of native
 * transports are optional: each is referenced only by the method that loads it, and a missing class counts as a missing
 * library. Thread-safe.
 */
public final class NettyTransport {
    private static final NettyTransport NIO =
            new NettyTransport(Transport.NIO, NioIoHandler.newFactory(), NioSocketChannel.class, null);

    private final Transport transport;
    private final IoHandlerFactory ioHandlers;
    private final Class<? extends Channel> channelClass;
    private final ByteBufAllocator allocator;

    private NettyTransport(
            Transport transport,
            IoHandlerFactory ioHandlers,
            Class<? extends Channel> channelClass,
            @Nullable ByteBufAllocator allocator) {
        this.transport = transport;
        this.ioHandlers = ioHandlers;
        this.channelClass = channelClass;
        this.allocator = allocator == null ? UnpooledByteBufAllocator.DEFAULT : allocator;
    }

    /** Returns the same transport with another allocator. */
    public NettyTransport withAllocator(ByteBufAllocator other) {
        return new NettyTransport(transport, ioHandlers, channelClass, other);
    }

    /** Allocates the segments of the outbound log and the buffers of frames. */
    public ByteBufAllocator allocator() {
        return allocator;
    }

    /**
     * Returns the requested transport; AUTO means epoll, else kqueue, else NIO. Throws an {@link IllegalStateException}
     * with the reason if it is not available on this machine.
     */
    public static NettyTransport of(Transport requested) {
        return switch (requested) {
            case NIO -> NIO;
            case AUTO -> {
                NettyTransport epoll = load(NettyTransport::epoll, null);
                NettyTransport kqueue = epoll == null ? load(NettyTransport::kqueue, null) : null;
                yield epoll != null ? epoll : kqueue != null ? kqueue : NIO;
            }
            case EPOLL -> required(requested, NettyTransport::epoll);
            case KQUEUE -> required(requested, NettyTransport::kqueue);
            case IO_URING -> required(requested, NettyTransport::ioUring);
        };
    }

    /** Creates an event loop of one daemon thread with this name. */
    public EventLoopGroup newGroup(String threadName) {
        return new MultiThreadIoEventLoopGroup(1, new NamedThreads(threadName), ioHandlers);
    }

    /** Whether the current thread is the I/O thread of a connection, which must not block. */
    public static boolean isIoThread() {
        return Thread.currentThread() instanceof IoThread;
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
        return new NettyTransport(Transport.EPOLL, EpollIoHandler.newFactory(), EpollSocketChannel.class, null);
    }

    private static NettyTransport kqueue() {
        KQueue.ensureAvailability();
        return new NettyTransport(Transport.KQUEUE, KQueueIoHandler.newFactory(), KQueueSocketChannel.class, null);
    }

    private static NettyTransport ioUring() {
        IoUring.ensureAvailability();
        return new NettyTransport(Transport.IO_URING, IoUringIoHandler.newFactory(), IoUringSocketChannel.class, null);
    }

    private static NettyTransport required(Transport requested, Supplier<NettyTransport> loader) {
        Throwable[] reason = new Throwable[1];
        NettyTransport available = load(loader, reason);
        if (available == null) {
            throw new IllegalStateException(
                    "transport: " + requested + " is not available here (" + reason[0]
                            + "; expected: netty-transport-native-"
                            + requested.name().toLowerCase(Locale.ROOT)
                            + " for this platform on the class path)",
                    reason[0]);
        }
        return available;
    }

    private static @Nullable NettyTransport load(Supplier<NettyTransport> loader, Throwable @Nullable [] reason) {
        try {
            return loader.get();
        } catch (LinkageError e) {
            if (reason != null) {
                reason[0] = e;
            }
            return null;
        }
    }

    /** Names the thread without the counters that DefaultThreadFactory appends. */
    private static final class NamedThreads extends DefaultThreadFactory {
        private final String name;

        NamedThreads(String name) {
            super(name, true);
            this.name = name;
        }

        @Override
        protected Thread newThread(Runnable task, String numberedName) {
            return new IoThread(threadGroup, task, name);
        }
    }

    private static final class IoThread extends FastThreadLocalThread {
        IoThread(@Nullable ThreadGroup group, Runnable task, String name) {
            super(group, task, name);
        }
    }
}
