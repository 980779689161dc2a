package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;

/**
 * A server that speaks AMQP 0-9-1, takes whatever is published, and forgets it: the cheapest peer a client can be measured
 * against. It listens on 127.0.0.1, accepts any PLAIN or EXTERNAL credentials and any virtual host, answers every synchronous
 * method as a broker would on which everything exists and is empty, checks size and end of every frame, and confirms as its
 * {@link ConfirmMode} says. The one thing that it delivers are the messages of a queue that is named by {@link #deliveryQueue}.
 * What breaks the protocol is answered by connection.close with the code that RabbitMQ uses.
 *
 * <p>{@link #start} runs it in this JVM, {@link #fork} in one of its own, {@link #main} from a shell. Thread-safe.
 */
public final class DiscardingBroker implements AutoCloseable {
    private final DiscardingPeer peer;

    private DiscardingBroker(DiscardingPeer peer) {
        this.peer = peer;
    }

    /** Starts a broker in this JVM, on a free port. */
    public static DiscardingBroker start(ConfirmMode confirms) {
        return start(confirms, TuneParameters.DEFAULT);
    }

    /** Starts a broker in this JVM, on a free port, that proposes the given limits. */
    public static DiscardingBroker start(ConfirmMode confirms, TuneParameters tune) {
        requireNonNull(confirms, "confirms");
        requireNonNull(tune, "tune");
        return new DiscardingBroker(DiscardingServer.start(0, confirms, tune));
    }

    /** Starts a broker in a JVM of its own, on a free port, so that its work is not counted as this JVM's. */
    public static DiscardingBroker fork(ConfirmMode confirms) {
        return fork(confirms, TuneParameters.DEFAULT);
    }

    /** Starts a broker in a JVM of its own, on a free port, that proposes the given limits. */
    public static DiscardingBroker fork(ConfirmMode confirms, TuneParameters tune) {
        requireNonNull(confirms, "confirms");
        requireNonNull(tune, "tune");
        List<String> arguments = List.of(
                "--confirms", confirms.option(),
                "--channel-max", Integer.toString(tune.channelMax()),
                "--frame-max", Integer.toString(tune.frameMax()),
                "--heartbeat", Integer.toString(tune.heartbeatSeconds()));
        return new DiscardingBroker(ForkedPeer.start(DiscardingBroker.class, arguments));
    }

    /**
     * Runs a broker until standard input ends or the process is told to. Prints one line, {@code LISTENING port}; a line
     * {@code statistics} on standard input is answered by {@code STATISTICS messages bytes}.
     *
     * @param arguments {@code --port N} (free port), {@code --confirms per-read|per-message|never} (per-read),
     *     {@code --channel-max N}, {@code --frame-max N}, {@code --heartbeat SECONDS}
     */
    public static void main(String[] arguments) throws IOException {
        int port = 0;
        ConfirmMode confirms = ConfirmMode.PER_READ;
        int channelMax = TuneParameters.DEFAULT.channelMax();
        int frameMax = TuneParameters.DEFAULT.frameMax();
        int heartbeat = TuneParameters.DEFAULT.heartbeatSeconds();
        for (int i = 0; i < arguments.length; i += 2) {
            String value = i + 1 < arguments.length ? arguments[i + 1] : "";
            switch (arguments[i]) {
                case "--port" -> port = Integer.parseInt(value);
                case "--confirms" -> confirms = ConfirmMode.ofOption(value);
                case "--channel-max" -> channelMax = Integer.parseInt(value);
                case "--frame-max" -> frameMax = Integer.parseInt(value);
                case "--heartbeat" -> heartbeat = Integer.parseInt(value);
                default -> throw new IllegalArgumentException("unknown option: " + arguments[i]);
            }
        }
        try (DiscardingServer server =
                DiscardingServer.start(port, confirms, new TuneParameters(channelMax, frameMax, heartbeat))) {
            converse(server);
        }
    }

    private static void converse(DiscardingServer server) throws IOException {
        System.out.println(ForkedPeer.LISTENING + server.port());
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            if (line.equals("statistics")) {
                System.out.println(ForkedPeer.STATISTICS + server.messages() + " " + server.bytes());
            }
        }
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return peer.port();
    }

    /** The URI to connect with. */
    public String uri() {
        return "amqp://guest:guest@127.0.0.1:" + port() + "/";
    }

    /**
     * The name of a queue that holds {@code count} messages of {@code size} bytes for every consumer, prepared beforehand and
     * sent as fast as the connection takes them, whatever the prefetch: to be consumed with no-ack.
     */
    public static String deliveryQueue(int size, long count) {
        return DeliveryStream.queue(size, count);
    }

    /** How many messages have arrived whole, on all connections, ever. A confirmed message is counted. */
    public long messages() {
        return peer.messages();
    }

    /** How many bytes of message bodies have arrived, on all connections, ever. */
    public long bytes() {
        return peer.bytes();
    }

    /** Drops all connections and stops; ends the JVM of a forked broker. Closing again does nothing. */
    @Override
    public void close() {
        peer.close();
    }

    @Override
    public String toString() {
        return "DiscardingBroker(127.0.0.1:" + port() + ")";
    }
}
