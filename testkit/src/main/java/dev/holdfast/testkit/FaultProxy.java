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
 * A network that fails on request: a TCP proxy on a free port of 127.0.0.1 that hands everything on to one target, until it
 * is told to cut, reset, end, stall, delay, slow down, split, corrupt or refuse. Knows nothing of AMQP. Thread-safe; every fault acts at once.
 */
public final class FaultProxy implements AutoCloseable {
    /** Which way bytes flow. */
    public enum Direction {
        /** From the client that connected to the proxy. */
        TO_BROKER,
        /** From the target of the proxy. */
        TO_CLIENT
    }

    private final ServerSocket listener;
    private final TrafficShaper toBroker = new TrafficShaper();
    private final TrafficShaper toClient = new TrafficShaper();
    private final Set<ProxiedConnection> current = ConcurrentHashMap.newKeySet();
    private final Thread acceptor = DaemonThreads.create(this::accept, "fault-proxy-accept");
    private final LongAdder accepted = new LongAdder();
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
                accepted.increment();
                if (refusing) {
                    client.close();
                } else {
                    ProxiedConnection connection = new ProxiedConnection(client, toBroker, toClient, current::remove);
                    current.add(connection);
                    connection.start(target);
                }
            }
        } catch (IOException e) {
            // close() has closed the listener.
        }
    }

    /** The port to connect to instead of the target's. */
    public int port() {
        return listener.getLocalPort();
    }

    /** The same URI with the proxy's host and port in it. */
    public String uri(String targetUri) {
        return targetUri.replaceFirst("(?<=@)[^/]*|(?<=://)[^/@]*(?=/|$)", "127.0.0.1:" + port());
    }

    /** How many connections were accepted, refused ones included. */
    public long acceptedConnections() {
        return accepted.sum();
    }

    /** How many connections are being handed on now. */
    public int currentConnections() {
        return current.size();
    }

    /** How many bytes were handed on in this direction, on all connections. */
    public long bytes(Direction direction) {
        return shaper(direction).passed();
    }

    /**
     * Cuts the next connection once exactly this many bytes were handed on in this direction; 0 cuts it before the first.
     * Holds for one connection; set for both directions, whichever is reached first.
     */
    public void cutAfter(Direction direction, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
        }
        shaper(direction).limitNext(bytes);
    }

    /**
     * Changes one byte of the next connection: the one at this offset in this direction is handed on with the bits of the
     * mask turned over. Holds for one connection.
     */
    public void corrupt(Direction direction, long offset, int mask) {
        if (offset < 0 || mask < 1 || mask > 0xFF) {
            throw new IllegalArgumentException(
                    "offset: " + offset + ", mask: " + mask + " (expected: >= 0 and 1..255)");
        }
        shaper(direction).corruptNext(offset, mask);
    }

    /** Cuts all current connections, both ways: what has not been handed on is lost. */
    public void cutNow() {
        current.forEach(ProxiedConnection::cut);
    }

    /** Resets all current connections: both sides get an RST instead of an end, and lose what they have not read. */
    public void resetNow() {
        current.forEach(ProxiedConnection::reset);
    }

    /**
     * Ends this direction of all current connections in good order, as a peer does that will send no more; what comes for it
     * afterwards is read and thrown away. The other direction stays open.
     */
    public void halfClose(Direction direction) {
        current.forEach(connection -> connection.end(direction));
    }

    /** Hands on every byte in a write of its own, in both directions, or no longer. */
    public void split(boolean intoBytes) {
        toBroker.split(intoBytes);
        toClient.split(intoBytes);
    }

    /**
     * Hands on what arrives in this direction no sooner than this much later, on present and future connections; zero lifts
     * the delay. What has gathered meanwhile follows one delay later.
     */
    public void delay(Direction direction, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("delay: " + time + " (expected: >= 0)");
        }
        shaper(direction).delay(time.toNanos());
    }

    /**
     * Hands on nothing more in this direction, on present and future connections, and soon reads nothing more: whoever sends
     * finds the socket full. The connections stay open.
     */
    public void stall(Direction direction) {
        shaper(direction).stall(true);
    }

    /** Ends a stall: what has gathered flows on. */
    public void resume(Direction direction) {
        shaper(direction).stall(false);
    }

    /** Hands on at most this many bytes a second in each direction, all connections together; 0 lifts the limit. */
    public void throttle(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("bytes per second: " + bytesPerSecond + " (expected: >= 0)");
        }
        toBroker.throttle(bytesPerSecond);
        toClient.throttle(bytesPerSecond);
    }

    /** Closes every new connection at once, or no longer. Present connections are not touched. */
    public void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** Leads new connections to another port on 127.0.0.1. Present connections are not touched. */
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
