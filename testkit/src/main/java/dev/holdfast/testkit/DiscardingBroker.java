package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;

/**
 * An AMQP 0-9-1 server that counts and discards all published messages: the cheapest peer to measure a client against.
 * It listens on 127.0.0.1, accepts any PLAIN or EXTERNAL credentials and any virtual host, answers every synchronous
 * method as if every exchange and queue existed and were empty, checks size and end of every frame, and confirms
 * according to its {@link ConfirmMode}. It delivers only the messages of queues that {@link #deliveryQueue} names. It
 * answers a violation of the protocol with connection.close and the reply code that RabbitMQ uses.
 *
 * <p>{@link #start} runs it in this JVM, {@link #fork} in a child JVM, {@link #main} from a shell. Thread-safe.
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

    /** Starts a broker in a child JVM, on a free port, so that its work is not measured as work of this JVM. */
    public static DiscardingBroker fork(ConfirmMode confirms) {
        return fork(confirms, TuneParameters.DEFAULT);
    }

    /** Starts a broker in a child JVM, on a free port, that proposes the given limits. */
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
     * Runs a broker until standard input ends or the process is terminated. Prints one line, {@code LISTENING port}.
     * Answers a line {@code statistics} on standard input with {@code STATISTICS messages bytes}.
     *
     * @param arguments {@code --port N} (default: a free port), {@code --confirms per-read|per-message|never} (default:
     *     per-read), {@code --channel-max N}, {@code --frame-max N}, {@code --heartbeat SECONDS}
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
            serveStatistics(server);
        }
    }

    private static void serveStatistics(DiscardingServer server) throws IOException {
        System.out.println(ForkedPeer.LISTENING + server.port());
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            if (line.equals("statistics")) {
                System.out.println(ForkedPeer.STATISTICS + server.messages() + " " + server.bytes());
            }
        }
    }

    /** Returns the port on 127.0.0.1. */
    public int port() {
        return peer.port();
    }

    /** Returns the URI to connect to. */
    public String uri() {
        return "amqp://guest:guest@127.0.0.1:" + port() + "/";
    }

    /**
     * Returns the name of a prepared queue. It holds {@code count} messages of {@code size} bytes for every consumer,
     * encoded in advance and sent as fast as the connection accepts them, regardless of the prefetch. Consume it with
     * no-ack.
     */
    public static String deliveryQueue(int size, long count) {
        return DeliveryStream.queueName(size, count);
    }

    /**
     * Returns the number of complete messages received, on all connections. A message is counted before it is
     * confirmed.
     */
    public long messages() {
        return peer.messages();
    }

    /** Returns the number of body bytes received, on all connections. */
    public long bytes() {
        return peer.bytes();
    }

    /** Stops the broker and drops all connections; a forked broker's JVM ends. Closing again does nothing. */
    @Override
    public void close() {
        peer.close();
    }

    @Override
    public String toString() {
        return "DiscardingBroker(127.0.0.1:" + port() + ")";
    }
}
