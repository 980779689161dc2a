package dev.holdfast.jmh;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What all benchmarks have in common. Always run with {@code -prof gc}: allocation is exact where time is not. */
@State(Scope.Benchmark)
@Warmup(iterations = 3, time = 2, timeUnit = TimeUnit.SECONDS)
@Measurement(iterations = 5, time = 2, timeUnit = TimeUnit.SECONDS)
@Fork(2)
public abstract class BenchmarkSettings {
    /** How many payloads a benchmark goes round: a power of two. */
    protected static final int PAYLOADS = 16;

    /** Bodies of one size whose content is different and the same in every run. */
    public static byte[][] payloads(int size) {
        SplittableRandom random = new SplittableRandom(20260101);
        byte[][] payloads = new byte[PAYLOADS][size];
        for (byte[] payload : payloads) {
            random.nextBytes(payload);
        }
        return payloads;
    }
}
