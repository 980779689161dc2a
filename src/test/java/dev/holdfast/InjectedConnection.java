package dev.holdfast;

import dev.holdfast.internal.eventloop.IoThreads;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.session.Session;
import io.netty.buffer.ByteBufAllocator;

/** Connections over an allocator of a test. */
public final class InjectedConnection {
    private InjectedConnection() {}

    /** Returns a connection whose buffers come from this allocator. */
    public static Connection lazy(ConnectionOptions options, ByteBufAllocator allocator) {
        NettyTransport transport = NettyTransport.of(options.transport()).withAllocator(allocator);
        return new Connection(new Session(options, IoThreads.ofOneConnection(transport, options.connectionName())));
    }
}
