package dev.holdfast.jmh;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Common settings of the JMH benchmarks. Run them with {@code -prof gc}: allocated bytes are exact, times are not. */
@State(Scope.Benchmark)
@Warmup(iterations = 3, time = 2, timeUnit = TimeUnit.SECONDS)
@Measurement(iterations = 5, time = 2, timeUnit = TimeUnit.SECONDS)
@Fork(2)
public abstract class BenchmarkSettings {
    /** Number of payloads that a benchmark cycles through: a power of two. */
    protected static final int PAYLOADS = 16;

    /** Bodies of one size with different random content, the same in every run. */
    public static byte[][] payloads(int size) {
        SplittableRandom random = new SplittableRandom(20260101);
        byte[][] payloads = new byte[PAYLOADS][size];
        for (byte[] payload : payloads) {
            random.nextBytes(payload);
        }
        return payloads;
    }
}
