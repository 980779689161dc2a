package dev.holdfast.jmh.client;

import dev.holdfast.jmh.BenchmarkSettings;
import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.jmh.adapter.ConfirmedPublisher;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Measures confirmed publishes of 100 bytes over one connection, from one thread, with a future for each message. The
 * peer, a separate process, discards them and confirms once per read. The window stays filled between invocations.
 *
 * <p>{@code java -jar jmh/target/benchmarks.jar ConfirmedPublish -prof gc}
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class ConfirmedPublishBenchmark extends BenchmarkSettings {
    private static final int MESSAGES = 10_000;
    private static final int SIZE = 100;

    @Param
    ClientType client = ClientType.HOLDFAST_NIO;

    @Param({"1000", "10000"})
    int window;

    private final byte[][] bodies = payloads(SIZE);
    private @Nullable DiscardingBroker broker;
    private @Nullable ConfirmedPublisher publisher;
    private long published;

    /** Starts the peer and connects. */
    @Setup
    public void connect() throws Exception {
        DiscardingBroker peer = DiscardingBroker.fork(ConfirmMode.PER_READ);
        broker = peer;
        publisher = client.open(peer.uri(), window);
    }

    /** Closes the connection and checks that every message arrived. */
    @TearDown
    public void disconnect() throws Exception {
        if (publisher != null && broker != null) {
            publisher.await();
            publisher.close();
            long arrived = broker.messages();
            broker.close();
            if (arrived != published) {
                throw new IllegalStateException("arrived: " + arrived + " (expected: " + published + ")");
            }
        }
    }

    /** Publishes as many messages as the annotation says. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public void publish() throws Exception {
        ConfirmedPublisher connected = publisher;
        if (connected == null) {
            throw new IllegalStateException("publisher: null (expected: connected)");
        }
        for (int i = 0; i < MESSAGES; i++) {
            connected.publish(bodies[i & PAYLOADS - 1]);
        }
        published += MESSAGES;
    }
}
