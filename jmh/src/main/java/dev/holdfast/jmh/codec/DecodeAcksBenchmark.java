package dev.holdfast.jmh.codec;

import com.sun.management.ThreadMXBean;
import dev.holdfast.jmh.BenchmarkSettings;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Measures acks from bytes to completed futures: frame decoder, channel reader, confirm window, completion queue.
 * Before each invocation a window of messages is published; {@code -prof gc} includes what that allocates, so this
 * benchmark counts the bytes of the decoding itself: {@code bytesAllocated} of {@code acksDecoded}.
 *
 * <p>{@code java -jar jmh/target/benchmarks.jar DecodeAcks}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecodeAcksBenchmark extends BenchmarkSettings {
    private static final int ACKS = 10_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    /** One ack per message, or one per 100 messages. */
    @Param({"single", "multiple"})
    String acks = "single";

    private @Nullable AckFeed feed;

    /** Bytes allocated while decoding. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Counters {
        public long acksDecoded;
        public long bytesAllocated;
    }

    /** Encodes the frames. */
    @Setup
    public void prepare() {
        feed = new AckFeed(ACKS, frames());
    }

    private byte[] frames() {
        return Frames.acks(ACKS, acks.equals("single") ? 1 : 100);
    }

    /** Fills the window. */
    @Setup(Level.Invocation)
    public void publish() {
        feed().fill();
    }

    private AckFeed feed() {
        AckFeed prepared = feed;
        if (prepared == null) {
            throw new IllegalStateException("feed: null (expected: prepared)");
        }
        return prepared;
    }

    /** Empties the window. */
    @Benchmark
    @OperationsPerInvocation(ACKS)
    public void holdfast(Counters counters) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        feed().feed();
        counters.bytesAllocated += THREADS.getCurrentThreadAllocatedBytes() - before;
        counters.acksDecoded += ACKS;
    }
}
