package dev.holdfast.internal.eventloop;

import dev.holdfast.Transport;
import dev.holdfast.internal.concurrent.IdleThreadExecutor;
import dev.holdfast.internal.concurrent.SerialExecutor;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one session or of many: an event loop group, and the threads that deliver to handlers. Counts its
 * sessions: after {@link #close} the threads end with the last of them. A group of the host is never shut down.
 * Thread-safe.
 */
public final class IoThreads {
    private static final int MIN_SHARED_DELIVERY_THREADS = 4;

    /** Set on the threads of a host's group, which are of the host's own class. */
    private static final FastThreadLocal<Boolean> RUNS_CONNECTIONS = new FastThreadLocal<>();

    private final NettyTransport transport;
    private final EventLoopGroup group;
    private final IdleThreadExecutor deliveryThreads;
    private final boolean shared;
    private final boolean ofHost;
    private final ReentrantLock lock = new ReentrantLock();
    private int sessions;
    private boolean closed;

    private IoThreads(
            NettyTransport transport,
            EventLoopGroup group,
            IdleThreadExecutor deliveryThreads,
            boolean shared,
            boolean ofHost) {
        this.transport = transport;
        this.group = group;
        this.deliveryThreads = deliveryThreads;
        this.shared = shared;
        this.ofHost = ofHost;
    }

    /** Creates one event loop and one delivery thread for the session of one connection, which end with it. */
    public static IoThreads ofOneConnection(NettyTransport transport, @Nullable String connectionName) {
        String name = "holdfast" + (connectionName == null ? "" : "-" + connectionName);
        IdleThreadExecutor deliveries = new IdleThreadExecutor(name + "-deliveries", 1);
        return new IoThreads(transport, transport.newGroup(name), deliveries, false, false);
    }

    /** Creates event loops for many sessions. Each starts its thread with its first session. */
    public static IoThreads shared(NettyTransport transport, int threads) {
        return new IoThreads(
                transport, transport.newGroup("holdfast-shared", threads), sharedDeliveries(threads), true, false);
    }

    /** Uses a group of the host; throws an {@link IllegalArgumentException} if no transport suits it. */
    public static IoThreads of(EventLoopGroup group) {
        if (group.isShuttingDown()) {
            throw new IllegalArgumentException("group: " + group + " is shut down (expected: a group that runs)");
        }
        int threads = 0;
        for (EventExecutor loop : group) {
            if (!(loop instanceof SingleThreadEventExecutor)) {
                throw new IllegalArgumentException("group: " + group + " has a "
                        + loop.getClass().getName() + " (expected: event loops with a thread of their own)");
            }
            loop.execute(() -> RUNS_CONNECTIONS.set(true));
            threads++;
        }
        return new IoThreads(NettyTransport.suiting(group), group, sharedDeliveries(threads), true, true);
    }

    private static IdleThreadExecutor sharedDeliveries(int ioThreads) {
        return new IdleThreadExecutor(
                "holdfast-shared-deliveries", Math.max(MIN_SHARED_DELIVERY_THREADS, 2 * ioThreads));
    }

    /** Whether the current thread is the I/O thread of a connection, which must not block. */
    public static boolean isIoThread() {
        return NettyTransport.isOwnIoThread() || RUNS_CONNECTIONS.getIfExists() != null;
    }

    /** Whether the current thread is one of these event loops. */
    public boolean inEventLoop() {
        for (EventExecutor loop : group) {
            if (loop.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    /** The transport of the event loops. */
    public NettyTransport transport() {
        return transport;
    }

    /** Throws if a connection asks for another transport than that of these event loops. */
    public void requireSuits(Transport requested) {
        if (requested != Transport.AUTO && requested != transport.transport()) {
            throw new IllegalStateException("transport: " + requested + " (expected: " + transport.transport()
                    + ", that of the event loops, or AUTO)");
        }
    }

    /**
     * Assigns an event loop to a new session, which must be {@linkplain #release released} when it is closed.
     *
     * @throws IllegalStateException if these threads are closed
     */
    public EventLoop acquire() {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("event loops: closed (expected: open, for a new connection)");
            }
            if (group.isShuttingDown()) {
                throw new IllegalStateException("event loops: the group is shut down (expected: a group that runs)");
            }
            EventLoop loop = group.next();
            closed = !shared;
            sessions++;
            return loop;
        } finally {
            lock.unlock();
        }
    }

    /** Runs {@code end} on the loop if the host shuts it down before {@link #release}. */
    public void onShutdown(EventLoop loop, Runnable end) {
        if (ofHost && loop instanceof SingleThreadEventExecutor executor) {
            executor.addShutdownHook(end);
        }
    }

    /** The session is closed. Ends the threads if it was the last and they are closed. */
    public void release(EventLoop loop, Runnable end) {
        if (ofHost && !loop.isShuttingDown() && loop instanceof SingleThreadEventExecutor executor) {
            executor.removeShutdownHook(end);
        }
        lock.lock();
        try {
            sessions--;
            endIfUnused();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Creates the executor for the handlers of one session. It runs one task at a time, so that a session occupies at
     * most one of the threads.
     */
    public Executor deliveryExecutor() {
        return shared ? new SerialExecutor(deliveryThreads) : deliveryThreads;
    }

    /** Whether no session can be added. */
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new sessions. The threads end when the last session is closed. A second call does nothing. */
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                endIfUnused();
            }
        } finally {
            lock.unlock();
        }
    }

    private void endIfUnused() {
        if (closed && sessions == 0) {
            deliveryThreads.close();
            if (!ofHost) {
                group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            }
        }
    }

    @Override
    public String toString() {
        lock.lock();
        try {
            return transport.transport() + ", " + sessions + " connections" + (closed ? ", closed" : "");
        } finally {
            lock.unlock();
        }
    }
}
