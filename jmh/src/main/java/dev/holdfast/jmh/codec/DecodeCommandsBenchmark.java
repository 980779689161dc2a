package dev.holdfast.jmh.codec;

import dev.holdfast.MessageProperties;
import dev.holdfast.jmh.BenchmarkSettings;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Measures deliveries from bytes to messages. For amqp-client also acks from bytes to methods, without their effect
 * on a window; for Holdfast, {@link DecodeAcksBenchmark} includes the window.
 *
 * <p>{@code java -jar jmh/target/benchmarks.jar DecodeCommands -prof gc}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecodeCommandsBenchmark extends BenchmarkSettings {
    private static final int MESSAGES = 1000;

    @Param({"16", "100", "1024", "65536"})
    int size;

    @Param({"false", "true"})
    boolean headers;

    private byte[] deliveries = {};
    private final byte[] acks = Frames.acks(MESSAGES, 1);
    private @Nullable DeliveryFeed feed;

    /** Encodes the frames. */
    @Setup
    public void prepare() {
        MessageProperties properties = MessageProperties.EMPTY
                .contentType("application/data")
                .contentEncoding("binary")
                .deliveryMode(2);
        MessageProperties encoded =
                headers ? properties.headers(Map.of("trace", "0af7651916cd43dd", "attempt", 1)) : properties;
        deliveries = Frames.deliveries(MESSAGES, payloads(size)[0], encoded);
        feed = new DeliveryFeed(deliveries);
    }

    /** Frame decoder, channel reader, content assembler. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public byte[] holdfast() throws Exception {
        DeliveryFeed prepared = feed;
        if (prepared == null || prepared.feed() % MESSAGES != 0) {
            throw new IllegalStateException("deliveries: too few (expected: " + MESSAGES + ")");
        }
        return prepared.lastBody();
    }

    /** With the classes that amqp-client's connection reads with. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public int amqpClient() throws IOException {
        return Frames.commandsByAmqpClient(deliveries);
    }

    /** As {@link #amqpClient}, for acks. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public int amqpClientAcks() throws IOException {
        return Frames.commandsByAmqpClient(acks);
    }
}
