package dev.holdfast.cli.perf;

import dev.holdfast.measure.Latencies;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What a run did from moment to moment: tenths of a second while it is short, whole seconds for all of it. One thread. */
final class Timeline {
    /** So long the tenths are kept, and make the better picture. */
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

    /** @param end seconds since the start */
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
     * Notes how far it has come.
     *
     * @param done whether it is over
     * @return whether a second is full
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

    /** A rest that is much shorter than the others says nothing about the rate, unless it is all there is. */
    private static boolean isLongEnough(double seconds, double min, List<Interval> others) {
        return seconds >= min || (others.isEmpty() && seconds > 0);
    }

    /** The last second, or what there is of it. */
    Interval latest() {
        return seconds.isEmpty() ? new Interval(0, 0, Latencies.of(runHistogram)) : seconds.get(seconds.size() - 1);
    }

    /** From the start to the end. */
    List<Interval> intervals() {
        return List.copyOf(secondStart < MAX_SECONDS_OF_TENTHS ? tenths : seconds);
    }

    /** All latencies, in nanoseconds. */
    Histogram histogram() {
        return runHistogram.copy();
    }
}
