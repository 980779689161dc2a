package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * A TCP proxy that injects network faults. It listens on a free port of 127.0.0.1 and forwards all bytes to one target,
 * until a test cuts, resets, half-closes, stalls, delays, throttles, splits, corrupts or refuses. It does not parse
 * AMQP. Thread-safe. A fault takes effect immediately, except {@link #cutAfter} and {@link #corrupt}, which apply to
 * the next connection.
 */
public final class FaultProxy implements AutoCloseable {
    /** Direction of a byte stream. */
    public enum Direction {
        /** From the client to the target of the proxy. */
        TO_BROKER,
        /** From the target of the proxy to the client. */
        TO_CLIENT
    }

    private final ServerSocket listener;
    private final TrafficShaper toBroker = new TrafficShaper();
    private final TrafficShaper toClient = new TrafficShaper();
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
    private final Thread acceptor = DaemonThreads.create(this::accept, "fault-proxy-accept");
    private final LongAdder acceptedCount = new LongAdder();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile int target;
    private volatile boolean refusing;

    private FaultProxy(ServerSocket listener, int target) {
        this.listener = listener;
        this.target = target;
    }

    /** Starts a proxy to a port on 127.0.0.1. */
    public static FaultProxy to(int targetPort) {
        try {
            ServerSocket listener = new ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            FaultProxy proxy = new FaultProxy(listener, targetPort);
            proxy.acceptor.start();
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("proxy cannot listen on 127.0.0.1", e);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                acceptedCount.increment();
                if (refusing) {
                    client.close();
                } else {
                    ProxiedConnection connection =
                            new ProxiedConnection(client, toBroker, toClient, connections::remove);
                    connections.add(connection);
                    connection.start(target);
                }
            }
        } catch (IOException e) {
            // close() closed the listener.
        }
    }

    /** Returns the port that a client connects to instead of the target's. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Returns the URI with the proxy's host and port in place of the target's. */
    public String uri(String targetUri) {
        return targetUri.replaceFirst("(?<=@)[^/]*|(?<=://)[^/@]*(?=/|$)", "127.0.0.1:" + port());
    }

    /** Returns the number of connections accepted so far, refused ones included. */
    public long acceptedConnections() {
        return acceptedCount.sum();
    }

    /** Returns the number of connections that are forwarded now. */
    public int currentConnections() {
        return connections.size();
    }

    /** Returns the number of bytes forwarded in this direction, on all connections. */
    public long bytes(Direction direction) {
        return shaper(direction).forwardedBytes();
    }

    /**
     * Cuts the next connection after exactly this many bytes were forwarded in this direction; 0 cuts it before the
     * first byte. Applies to one connection. If both directions have a limit, the one reached first cuts.
     */
    public void cutAfter(Direction direction, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
        }
        shaper(direction).limitNext(bytes);
    }

    /**
     * Corrupts one byte of the next connection: the byte at this offset in this direction is XORed with the mask.
     * Applies to one connection.
     *
     * @param offset offset in the byte stream, from 0
     * @param mask the bits to flip, 1 to 255
     */
    public void corrupt(Direction direction, long offset, int mask) {
        if (offset < 0 || mask < 1 || mask > 0xFF) {
            throw new IllegalArgumentException(
                    "offset: " + offset + ", mask: " + mask + " (expected: >= 0 and 1..255)");
        }
        shaper(direction).corruptNext(offset, mask);
    }

    /** Closes both sockets of all current connections. Bytes not yet forwarded are lost. */
    public void cutNow() {
        connections.forEach(ProxiedConnection::cut);
    }

    /**
     * Resets all current connections: both peers get an RST instead of a FIN and lose the bytes that they have not
     * read.
     */
    public void resetNow() {
        connections.forEach(ProxiedConnection::reset);
    }

    /**
     * Half-closes all current connections: the receiver of this direction gets a FIN. Bytes that arrive in this
     * direction afterwards are read and discarded. The other direction stays open.
     */
    public void halfClose(Direction direction) {
        connections.forEach(connection -> connection.halfClose(direction));
    }

    /** Sets whether every byte is forwarded in a write of its own, in both directions. */
    public void split(boolean intoBytes) {
        toBroker.split(intoBytes);
        toClient.split(intoBytes);
    }

    /**
     * Forwards bytes in this direction no sooner than this time after their arrival, on present and future connections;
     * zero removes the delay. Bytes that arrive while earlier ones are delayed follow one delay later.
     */
    public void delay(Direction direction, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("delay: " + time + " (expected: >= 0)");
        }
        shaper(direction).delay(time.toNanos());
    }

    /**
     * Stops forwarding in this direction, on present and future connections. The proxy soon stops reading too, so the
     * socket buffers of the sender fill up. The connections stay open.
     */
    public void stall(Direction direction) {
        shaper(direction).stall(true);
    }

    /** Ends a stall: the bytes that arrived meanwhile are forwarded. */
    public void resume(Direction direction) {
        shaper(direction).stall(false);
    }

    /** Limits each direction to this many bytes a second, all connections together; 0 removes the limit. */
    public void throttle(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("bytes per second: " + bytesPerSecond + " (expected: >= 0)");
        }
        toBroker.throttle(bytesPerSecond);
        toClient.throttle(bytesPerSecond);
    }

    /** Sets whether new connections are closed immediately. Present connections are not affected. */
    public void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** Sets the target port, on 127.0.0.1, of new connections. Present connections are not affected. */
    public void retarget(int targetPort) {
        target = targetPort;
    }

    private TrafficShaper shaper(Direction direction) {
        return direction == Direction.TO_BROKER ? toBroker : toClient;
    }

    /** Stops listening and cuts all connections. Closing again does nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            listener.close();
            DaemonThreads.awaitEnd(acceptor);
        } catch (IOException e) {
            throw new UncheckedIOException("listener on port " + port() + " cannot be closed", e);
        } finally {
            cutNow();
        }
    }

    @Override
    public String toString() {
        return "FaultProxy(127.0.0.1:" + port() + " -> 127.0.0.1:" + target + ")";
    }
}
