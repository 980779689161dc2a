package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Accepts connections and serves each on its own thread; one timer thread sends the heartbeats of all. */
final class DiscardingServer implements DiscardingPeer {
    private static final int HEARTBEAT_TICK_MILLIS = 500;

    private final ServerSocketChannel listener;
    private final int port;
    private final ConfirmMode confirms;
    private final TuneParameters tune;
    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final Set<DiscardingConnection> connections = ConcurrentHashMap.newKeySet();
    private final Thread acceptor = DaemonThreads.create(this::accept, "discarding-broker-accept");
    private final ScheduledExecutorService heartbeatTimer = Executors.newSingleThreadScheduledExecutor(
            work -> DaemonThreads.create(work, "discarding-broker-heartbeat"));

    private DiscardingServer(ServerSocketChannel listener, int port, ConfirmMode confirms, TuneParameters tune) {
        this.listener = listener;
        this.port = port;
        this.confirms = confirms;
        this.tune = tune;
    }

    static DiscardingServer start(int port, ConfirmMode confirms, TuneParameters tune) {
        try {
            ServerSocketChannel listener = ServerSocketChannel.open();
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            DiscardingServer server =
                    new DiscardingServer(listener, listener.socket().getLocalPort(), confirms, tune);
            server.acceptor.start();
            server.scheduleHeartbeats();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("discarding broker cannot listen on 127.0.0.1:" + port, e);
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel socket = listener.accept();
                socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                DiscardingConnection connection = new DiscardingConnection(socket, confirms, tune, messages, bytes);
                connections.add(connection);
                DaemonThreads.start(() -> serve(connection), "discarding-broker-connection");
            }
        } catch (IOException e) {
            // close() closed the listener.
        }
    }

    private void serve(DiscardingConnection connection) {
        try {
            connection.run();
        } finally {
            connections.remove(connection);
        }
    }

    private void scheduleHeartbeats() {
        var unused = heartbeatTimer.scheduleAtFixedRate(
                () -> connections.forEach(DiscardingServer::heartbeatTick),
                HEARTBEAT_TICK_MILLIS,
                HEARTBEAT_TICK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private static void heartbeatTick(DiscardingConnection connection) {
        try {
            connection.heartbeatTick();
        } catch (IOException e) {
            closeQuietly(connection);
        }
    }

    private static void closeQuietly(DiscardingConnection connection) {
        try {
            connection.close();
        } catch (IOException e) {
            // The connection is given up in any case.
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public long messages() {
        return messages.sum();
    }

    @Override
    public long bytes() {
        return bytes.sum();
    }

    @Override
    public void close() {
        try {
            listener.close();
            DaemonThreads.awaitEnd(acceptor);
        } catch (IOException e) {
            throw new UncheckedIOException("listener on port " + port + " cannot be closed", e);
        } finally {
            heartbeatTimer.shutdownNow();
            connections.forEach(DiscardingServer::closeQuietly);
        }
    }
}
