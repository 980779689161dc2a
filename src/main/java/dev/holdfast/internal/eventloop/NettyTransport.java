package dev.holdfast.internal.eventloop;

import dev.holdfast.Transport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueIoHandle;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
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

    /**
     * Returns the transport whose sockets the event loops of this group can drive. Throws an {@link
     * IllegalArgumentException} if there is none.
     */
    static NettyTransport suiting(EventLoopGroup group) {
        if (group instanceof IoEventLoopGroup loops) {
            if (loops.isCompatible(NioIoHandle.class)) {
                return NIO;
            }
            List<Supplier<@Nullable NettyTransport>> natives = List.of(
                    () -> loops.isCompatible(EpollIoHandle.class) ? epoll() : null,
                    () -> loops.isCompatible(KQueueIoHandle.class) ? kqueue() : null,
                    () -> loops.isCompatible(IoUringIoHandle.class) ? ioUring() : null);
            for (Supplier<@Nullable NettyTransport> each : natives) {
                NettyTransport suiting = load(each, null);
                if (suiting != null) {
                    return suiting;
                }
            }
        }
        throw new IllegalArgumentException("group: " + group.getClass().getName()
                + " (expected: an event loop group of NIO, epoll, kqueue or io_uring)");
    }

    /** Creates an event loop of one daemon thread with this name. */
    public EventLoopGroup newGroup(String threadName) {
        return newGroup(1, new NamedThreads(threadName, false));
    }

    /** Creates event loops of daemon threads whose names are this one and a number. */
    EventLoopGroup newGroup(String threadName, int threads) {
        return newGroup(threads, new NamedThreads(threadName, true));
    }

    private EventLoopGroup newGroup(int threads, ThreadFactory factory) {
        return new MultiThreadIoEventLoopGroup(threads, factory, ioHandlers);
    }

    /** Whether the current thread belongs to a group that this class created. */
    static boolean isOwnIoThread() {
        return Thread.currentThread() instanceof IoThread;
    }

    /** Which transport this is; never AUTO. */
    public Transport transport() {
        return transport;
    }

    /** The class of the sockets. */
    public Class<? extends Channel> channelClass() {
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

    private static @Nullable NettyTransport load(
            Supplier<? extends @Nullable NettyTransport> loader, Throwable @Nullable [] reason) {
        try {
            return loader.get();
        } catch (LinkageError e) {
            if (reason != null) {
                reason[0] = e;
            }
            return null;
        }
    }

    /** Names the thread without the counter of the factory, which DefaultThreadFactory adds. */
    private static final class NamedThreads extends DefaultThreadFactory {
        private final String name;
        private final AtomicInteger number = new AtomicInteger();
        private final boolean numbered;

        NamedThreads(String name, boolean numbered) {
            super(name, true);
            this.name = name;
            this.numbered = numbered;
        }

        @Override
        protected Thread newThread(Runnable task, String numberedName) {
            return new IoThread(threadGroup, task, numbered ? name + "-" + number.incrementAndGet() : name);
        }
    }

    private static final class IoThread extends FastThreadLocalThread {
        IoThread(@Nullable ThreadGroup group, Runnable task, String name) {
            super(group, task, name);
        }
    }
}
