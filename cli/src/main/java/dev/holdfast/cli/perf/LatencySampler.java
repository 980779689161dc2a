package dev.holdfast.cli.perf;

import com.sun.management.ThreadMXBean;
import dev.holdfast.Confirmation;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Records the latencies of a sample of about 20,000 messages a second. Reading the clock for every message would
 * distort the measurement. Thread-safe, except {@link #drainTo}.
 *
 * <p>The bytes that a sample allocates are measured, to subtract them from the heap figure of the library.
 */
final class LatencySampler {
    /** Enough samples for the 99.9th percentile of each second. */
    private static final int SAMPLES_PER_SECOND = 20_000;

    private static final int MAX_INTERVAL = 1 << 12;
    private static final long MAX_LATENCY_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final int TRIALS = 1 << 12;

    private final Recorder recorder = new Recorder(MAX_LATENCY_NANOS, SIGNIFICANT_DIGITS);

    /** Returns the sampling interval for a rate: one message of so many is timed; a power of two. */
    static int interval(double messagesPerSecond) {
        int interval = 1;
        while (interval < MAX_INTERVAL && messagesPerSecond / interval > SAMPLES_PER_SECOND) {
            interval *= 2;
        }
        return interval;
    }

    /** Records the time from the due time to the outcome of a message. A failure is not recorded. */
    void record(CompletableFuture<Confirmation> future, long dueNanos) {
        CompletableFuture<Confirmation> unused = future.whenComplete(new Sample(recorder, dueNanos));
    }

    /** Moves the latencies recorded since the last call into a histogram of {@link #newHistogram}. */
    Histogram drainTo(Histogram target) {
        recorder.getIntervalHistogramInto(target);
        return target;
    }

    /** Discards the recorded latencies. */
    void reset() {
        recorder.reset();
    }

    /** Returns a histogram for {@link #drainTo}. */
    Histogram newHistogram() {
        return recorder.getIntervalHistogram();
    }

    /** Measures the bytes of heap that one {@link #record} allocates. */
    static double bytesPerSample() {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        LatencySampler sampler = new LatencySampler();
        List<CompletableFuture<Confirmation>> futures = new ArrayList<>();
        for (int i = 0; i < TRIALS; i++) {
            futures.add(new CompletableFuture<>());
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (CompletableFuture<Confirmation> future : futures) {
            sampler.record(future, 0);
        }
        return (double) (threads.getCurrentThreadAllocatedBytes() - before) / TRIALS;
    }

    private record Sample(Recorder recorder, long dueNanos)
            implements BiConsumer<@Nullable Confirmation, @Nullable Throwable> {
        @Override
        public void accept(@Nullable Confirmation confirmation, @Nullable Throwable failure) {
            if (failure == null) {
                recorder.recordValue(Math.max(0, Math.min(System.nanoTime() - dueNanos, MAX_LATENCY_NANOS)));
            }
        }
    }
}
