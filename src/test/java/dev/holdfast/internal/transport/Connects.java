package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Transport;
import dev.holdfast.internal.eventloop.NettyTransport;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;

/** Connects a socket over NIO. */
final class Connects {
    private Connects() {}

    static Future<Link> connect(EventLoop loop, Address address, ConnectionOptions options, LinkListener listener) {
        ConnectInputs inputs = new ConnectInputs(options, options.credentials().get(), Tls.of(options));
        ConnectTarget target = new ConnectTarget(address, InetAddress.getLoopbackAddress(), false);
        NettyTransport nio = NettyTransport.of(Transport.NIO);
        return loop.submit(() -> Link.connect(loop, nio, target, inputs, ConnectProgress.ignored(), listener))
                .syncUninterruptibly()
                .getNow();
    }
}
