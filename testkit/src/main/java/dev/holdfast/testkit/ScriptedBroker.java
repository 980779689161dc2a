package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A peer that does what a test says, method by method: it answers late, wrongly or not at all, closes channels and
 * connections with the codes that a broker would use, and shows what a client sends. It listens on a free port of
 * 127.0.0.1.
 *
 * <pre>{@code
 * try (ScriptedBroker broker = ScriptedBroker.start()) {
 *     Future<?> client = executor.submit(() -> publishTo(broker.uri()));
 *     ScriptedConnection connection = broker.accept();
 *     AmqpContent message = connection.contentOf(connection.answerUntil("basic.publish"));
 *     connection.send(message.method().channel(), "basic.nack", Map.of("delivery-tag", 1));
 * }
 * }</pre>
 *
 * <p>One thread scripts; the client runs in another. {@link #close} may be called by any thread.
 */
public final class ScriptedBroker implements AutoCloseable {
    private final ServerSocket listener;
    private final int timeoutMillis;
    private final Set<ScriptedConnection> connections = ConcurrentHashMap.newKeySet();

    private ScriptedBroker(ServerSocket listener, int timeoutMillis) {
        this.listener = listener;
        this.timeoutMillis = timeoutMillis;
    }

    /** Starts a broker that waits 10 s for what it expects. */
    public static ScriptedBroker start() {
        return start(Duration.ofSeconds(10));
    }

    /**
     * Starts a broker.
     *
     * @param timeout how long it waits for a connection, and for each frame that it expects
     */
    public static ScriptedBroker start(Duration timeout) {
        int millis = (int) Math.min(Integer.MAX_VALUE, timeout.toMillis());
        if (millis <= 0) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: >= 1 ms)");
        }
        try {
            ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            listener.setSoTimeout(millis);
            return new ScriptedBroker(listener, millis);
        } catch (IOException e) {
            throw new UncheckedIOException("scripted broker cannot listen on 127.0.0.1", e);
        }
    }

    /** Returns the port on 127.0.0.1. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Returns the URI to connect to. Any user, password and virtual host are accepted. */
    public String uri() {
        return "amqp://guest:guest@127.0.0.1:" + port() + "/";
    }

    /**
     * Waits for the next connection, and opens it: product RabbitMQ, publisher confirms, 2,047 channels, frames of
     * 131,072 bytes, no heartbeats.
     *
     * @throws AssertionError if no client connects in time, or one breaks the opening
     */
    public ScriptedConnection accept() {
        ScriptedConnection connection = acceptUnopened();
        connection.open(new TuneParameters(2047, 131_072, 0));
        return connection;
    }

    /**
     * Waits for the next connection, and leaves its opening to the test: the protocol header is still to be read.
     *
     * @throws AssertionError if no client connects in time
     */
    public ScriptedConnection acceptUnopened() {
        try {
            ScriptedConnection connection = new ScriptedConnection(listener.accept(), timeoutMillis);
            connections.add(connection);
            return connection;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no client has connected within " + timeoutMillis + " ms", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops listening and closes all connections. Closing again does nothing. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            connections.forEach(ScriptedConnection::close);
        }
    }

    @Override
    public String toString() {
        return "ScriptedBroker(127.0.0.1:" + port() + ")";
    }
}
