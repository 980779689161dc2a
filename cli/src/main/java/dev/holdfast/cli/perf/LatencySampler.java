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
 * Measures the latency of some messages: asking for the time costs more than half of what a publish costs, so at full speed
 * one in a few hundred must do, about 20,000 a second. Thread-safe but for {@link #drainTo}.
 *
 * <p>What a sample allocates is known, and is taken off the heap figure: that is the library's.
 */
final class LatencySampler {
    /** Enough for the 99.9th percentile of every second. */
    private static final int SAMPLES_PER_SECOND = 20_000;

    private static final int MAX_INTERVAL = 1 << 12;
    private static final long MAX_LATENCY_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final int TRIALS = 1 << 12;

    private final Recorder recorder = new Recorder(MAX_LATENCY_NANOS, SIGNIFICANT_DIGITS);

    /** Every how many messages one is sampled at such a rate; a power of two. */
    static int interval(double messagesPerSecond) {
        int interval = 1;
        while (interval < MAX_INTERVAL && messagesPerSecond / interval > SAMPLES_PER_SECOND) {
            interval *= 2;
        }
        return interval;
    }

    /** Records how long after its due time the message has its outcome; a failure has no latency. */
    void record(CompletableFuture<Confirmation> future, long dueNanos) {
        CompletableFuture<Confirmation> unused = future.whenComplete(new Sample(recorder, dueNanos));
    }

    /** Moves what was recorded since the last time into a histogram of {@link #newHistogram}. */
    Histogram drainTo(Histogram target) {
        recorder.getIntervalHistogramInto(target);
        return target;
    }

    /** Forgets what was recorded. */
    void reset() {
        recorder.reset();
    }

    /** A histogram for {@link #drainTo}. */
    Histogram newHistogram() {
        return recorder.getIntervalHistogram();
    }

    /** Bytes of heap that one {@link #record} takes, found by trying. */
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
