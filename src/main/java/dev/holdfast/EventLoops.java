package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.eventloop.IoThreads;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.eventloop.NettyVersion;
import io.netty.channel.EventLoopGroup;

/**
 * A few I/O threads for many connections; see {@link ConnectionOptions#eventLoops(EventLoops)}. Each connection stays
 * on one of the threads, which also connects it again.
 *
 * <pre>{@code
 * try (EventLoops loops = EventLoops.shared(2)) {
 *     ConnectionOptions options = ConnectionOptions.parse(uri).eventLoops(loops);
 *     ...
 * }
 * }</pre>
 *
 * <p>A callback that blocks on an I/O thread stops all connections of the thread. These run there: callbacks of
 * futures, unless there is a {@link ConnectionOptions#completionExecutor()}; the code of a {@link RetryPolicy}; the
 * check of certificates. A blocking call of a connection throws {@link IllegalStateException} on each thread of its
 * event loops.
 *
 * <p>Handlers of deliveries, returns and events run on delivery threads, which the connections share likewise: twice as
 * many as the I/O threads, at least 4, started as needed and ended after 5 seconds without work. A connection uses one
 * of them at a time: its handlers run one after the other. As many handlers as there are threads can block, each of
 * another connection, before the handlers of further connections wait. What waits counts in {@link
 * ConnectionOptions#maxDeliveryBacklogBytes()}: above twice that, such a connection reads nothing, confirms included.
 * Handlers that wait for a delivery to another connection of these loops can wait for each other forever. Give such
 * connections threads of their own: {@link ConnectionOptions#deliveryExecutor(java.util.concurrent.Executor)}.
 *
 * <p>Thread-safe.
 */
public final class EventLoops implements AutoCloseable {
    private final IoThreads threads;

    private EventLoops(IoThreads threads) {
        this.threads = threads;
    }

    /** Creates event loops as {@link #shared(int, Transport)} does, with {@link Transport#AUTO}. */
    public static EventLoops shared(int threads) {
        return shared(threads, Transport.AUTO);
    }

    /**
     * Creates event loops of this many daemon threads, at least 1. A thread starts with its first connection.
     *
     * @throws IllegalArgumentException if {@code threads} is less than 1
     * @throws IllegalStateException if the transport is not available, or Netty is older than 4.2
     */
    public static EventLoops shared(int threads, Transport transport) {
        requireNonNull(transport, "transport");
        Arguments.range("threads", threads, 1, Short.MAX_VALUE);
        try {
            return new EventLoops(IoThreads.shared(NettyTransport.of(transport), threads));
        } catch (LinkageError e) {
            NettyVersion.explain(e);
            throw e;
        }
    }

    /**
     * Uses the event loops of the application. The group is never shut down by this library. Connections that are open
     * when the application shuts it down are closed with it: outstanding calls and publishes fail.
     *
     * @throws IllegalArgumentException if no {@link Transport} suits the group, or if it is shut down
     */
    public static EventLoops of(EventLoopGroup group) {
        return new EventLoops(IoThreads.of(requireNonNull(group, "group")));
    }

    /** The threads for a connection that asks for this transport. */
    IoThreads threads(Transport requested) {
        threads.requireSuits(requested);
        return threads;
    }

    /** Returns the transport of these event loops; never AUTO. */
    public Transport transport() {
        return threads.transport().transport();
    }

    /** Returns whether the calling thread is one of these event loops, which must not block. */
    public boolean inEventLoop() {
        return threads.inEventLoop();
    }

    /** Returns whether {@link #close} was called: new connections are then refused. */
    public boolean isClosed() {
        return threads.isClosed();
    }

    /**
     * Refuses new connections: {@code Connection.open} and {@code Connection.lazy} throw {@link IllegalStateException}.
     * Connections that were created before, lazy ones included, keep working and connect again after a loss. The
     * threads end when the last of them is closed. This method does not wait. A second call does nothing.
     */
    @Override
    public void close() {
        threads.close();
    }

    @Override
    public String toString() {
        return "eventLoops[" + threads + "]";
    }
}
