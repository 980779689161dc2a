package dev.holdfast.scripted;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A broker on a loopback socket whose every frame is sent and expected by the test, on the test's thread: {@link
 * #accept()} takes the next connection, {@link ScriptedLink#expect} a method of the client.
 */
final class ScriptedBroker implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final ServerSocket listener;
    private final List<ScriptedLink> links = new ArrayList<>();
    private int frameMax = 131_072;
    private int channelMax = 2047;
    private String product = "script";

    private ScriptedBroker(ServerSocket listener) {
        this.listener = listener;
    }

    static ScriptedBroker start() throws IOException {
        ServerSocket listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(PATIENCE_MILLIS);
        return new ScriptedBroker(listener);
    }

    /** Sets frame-max of the connections that are accepted from now on. */
    void frameMax(int bytes) {
        frameMax = bytes;
    }

    /** Sets channel-max of the connections that are accepted from now on. */
    void channelMax(int number) {
        channelMax = number;
    }

    /** Sets the product in the server properties of the connections that are accepted from now on. */
    void product(String name) {
        product = name;
    }

    /** Options for a client of this broker: quick reconnects, short deadlines. */
    ConnectionOptions options() {
        return ConnectionOptions.parse("amqp://guest:guest@127.0.0.1:" + listener.getLocalPort() + "/")
                .reconnectBackoff(Duration.ofMillis(1), Duration.ofMillis(5))
                .rpcTimeout(Duration.ofSeconds(10))
                .heartbeat(Duration.ZERO);
    }

    /** Accepts the next connection, without a handshake. */
    ScriptedLink acceptRaw() {
        try {
            Socket socket = listener.accept();
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            ScriptedLink link = new ScriptedLink(socket);
            links.add(link);
            return link;
        } catch (IOException e) {
            throw new UncheckedIOException("no client connected", e);
        }
    }

    /** Accepts the next connection and completes its handshake. */
    ScriptedLink accept() {
        ScriptedLink link = acceptRaw();
        link.handshake(channelMax, frameMax, product);
        return link;
    }

    /** Accepts the next connection, completes its handshake, and opens the session's two channels. */
    ScriptedLink acceptRestored() {
        ScriptedLink link = accept();
        link.restoreChannels();
        return link;
    }

    /** Connects a client. */
    Client connect(ConnectionOptions options) throws Exception {
        CompletableFuture<Connection> opening = CompletableFuture.supplyAsync(() -> Connection.open(options));
        ScriptedLink link = accept();
        int publishes = link.restoreChannels();
        return new Client(opening.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS), link, publishes);
    }

    /** Refuses further connections. */
    void stopListening() throws IOException {
        listener.close();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (ScriptedLink link : links) {
            link.cut();
        }
    }

    /** A channel of the user, and its number. */
    record NumberedChannel(Channel channel, int number) {}

    /** A connection, the broker's end of its first link, and the number of the channel that its producers share. */
    record Client(Connection connection, ScriptedLink link, int publishChannel) implements AutoCloseable {
        /** Opens a channel of the user. */
        Channel channel() throws Exception {
            return openChannel().channel();
        }

        /** Opens a channel of the user, and returns its number with it. */
        NumberedChannel openChannel() throws Exception {
            CompletableFuture<Channel> opening = connection.channelAsync();
            int number = link.openChannel();
            return new NumberedChannel(opening.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS), number);
        }

        /** Opens a channel with confirms, and creates a producer on it. */
        Producer producerWithChannel() throws Exception {
            CompletableFuture<Producer> opening =
                    CompletableFuture.supplyAsync(() -> new Producer(connection.channel()));
            int unused = link.openConfirming();
            return opening.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }

        /** Publishes a message, which must be the next that comes on this link, and confirms it under this tag. */
        void assertPublishes(ScriptedLink current, long deliveryTag) throws Exception {
            CompletableFuture<Confirmation> publish =
                    connection.producer().publishAsync("alive", PublishOptions.to("", "q"));
            current.ack(current.expectPublishes("alive"), deliveryTag);
            PublishOutcome.confirmed(publish);
        }

        @Override
        public void close() {
            connection.close(Duration.ZERO);
        }
    }
}
