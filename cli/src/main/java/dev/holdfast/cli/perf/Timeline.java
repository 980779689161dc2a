package dev.holdfast.cli.perf;

import dev.holdfast.measure.Latencies;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Throughput and latencies of a run over time: in intervals of 0.1 s for a short run, else of 1 s. Not thread-safe. */
final class Timeline {
    /** Longest run, in seconds, that is shown in intervals of 0.1 s. */
    private static final double MAX_SECONDS_OF_TENTHS = 30;

    private static final double FULL_SECOND = 0.999;
    private static final double MIN_TENTH = 0.05;
    private static final double MIN_SECOND = 0.5;

    private final LatencySampler sampler;
    private final Histogram newSamples;
    private final Histogram secondHistogram;
    private final Histogram runHistogram;
    private final List<Interval> tenths = new ArrayList<>();
    private final List<Interval> seconds = new ArrayList<>();
    private double tenthStart;
    private double secondStart;
    private long countAtTenthStart;
    private long countAtSecondStart;

    /**
     * The throughput and the latencies of an interval.
     *
     * @param end seconds since the start
     * @param perSecond messages a second
     */
    record Interval(double end, double perSecond, Latencies latencies) {}

    Timeline(LatencySampler sampler) {
        this.sampler = sampler;
        this.newSamples = sampler.newHistogram();
        this.secondHistogram = newSamples.copy();
        this.runHistogram = newSamples.copy();
        sampler.reset();
        secondHistogram.reset();
        runHistogram.reset();
    }

    /**
     * Records the progress, and the latencies since the last call.
     *
     * @param now seconds since the start
     * @param count messages since the start
     * @param done whether the run has ended
     * @return whether this call completes a second
     */
    boolean record(double now, long count, boolean done) {
        secondHistogram.add(sampler.drainTo(newSamples));
        runHistogram.add(newSamples);
        if (isLongEnough(now - tenthStart, MIN_TENTH, tenths) && now < MAX_SECONDS_OF_TENTHS) {
            tenths.add(new Interval(now, (count - countAtTenthStart) / (now - tenthStart), Latencies.of(newSamples)));
            tenthStart = now;
            countAtTenthStart = count;
        }
        boolean secondComplete = now - secondStart >= FULL_SECOND;
        if (secondComplete || (done && isLongEnough(now - secondStart, MIN_SECOND, seconds))) {
            seconds.add(new Interval(
                    now, (count - countAtSecondStart) / (now - secondStart), Latencies.of(secondHistogram)));
            secondHistogram.reset();
            secondStart = now;
            countAtSecondStart = count;
        }
        return secondComplete;
    }

    /** Rejects an interval too short for a meaningful rate, unless it is the only one. */
    private static boolean isLongEnough(double seconds, double min, List<Interval> others) {
        return seconds >= min || (others.isEmpty() && seconds > 0);
    }

    /** Returns the last interval of 1 s; before the first one, an empty interval with the latencies so far. */
    Interval latest() {
        return seconds.isEmpty() ? new Interval(0, 0, Latencies.of(runHistogram)) : seconds.get(seconds.size() - 1);
    }

    /** Returns the intervals of the run, in order. */
    List<Interval> intervals() {
        return List.copyOf(secondStart < MAX_SECONDS_OF_TENTHS ? tenths : seconds);
    }

    /** Returns the intervals of a second each, in order. */
    List<Interval> seconds() {
        return List.copyOf(seconds);
    }

    /** Returns the latencies of the run, in nanoseconds. */
    Histogram histogram() {
        return runHistogram.copy();
    }
}
