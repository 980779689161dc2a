package dev.holdfast.cli.perf;

import dev.holdfast.measure.Latencies;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What a run did from moment to moment: tenths of a second while it is short, whole seconds for all of it. One thread. */
final class Timeline {
    /** So long the tenths are kept, and make the better picture. */
    private static final double SHORT_SECONDS = 30;

    private static final double SECOND = 0.999;
    private static final double SHORTEST_TENTH = 0.05;
    private static final double SHORTEST_SECOND = 0.5;

    private final LatencySampler sampler;
    private final Histogram newest;
    private final Histogram second;
    private final Histogram all;
    private final List<Interval> tenths = new ArrayList<>();
    private final List<Interval> seconds = new ArrayList<>();
    private double tenthAt;
    private double secondAt;
    private long tenthCount;
    private long secondCount;

    /** @param end seconds since the start */
    record Interval(double end, double perSecond, Latencies latencies) {}

    Timeline(LatencySampler sampler) {
        this.sampler = sampler;
        this.newest = sampler.histogram();
        this.second = newest.copy();
        this.all = newest.copy();
        sampler.reset();
        second.reset();
        all.reset();
    }

    /**
     * Notes how far it has come.
     *
     * @param last whether it is over
     * @return whether a second is full
     */
    boolean at(double now, long count, boolean last) {
        second.add(sampler.take(newest));
        all.add(newest);
        if (isPoint(now - tenthAt, SHORTEST_TENTH, tenths) && now < SHORT_SECONDS) {
            tenths.add(new Interval(now, (count - tenthCount) / (now - tenthAt), Latencies.of(newest)));
            tenthAt = now;
            tenthCount = count;
        }
        boolean full = now - secondAt >= SECOND;
        if (full || (last && isPoint(now - secondAt, SHORTEST_SECOND, seconds))) {
            seconds.add(new Interval(now, (count - secondCount) / (now - secondAt), Latencies.of(second)));
            second.reset();
            secondAt = now;
            secondCount = count;
        }
        return full;
    }

    /** A rest that is much shorter than the others says nothing about the rate, unless it is all there is. */
    private static boolean isPoint(double seconds, double shortest, List<Interval> others) {
        return seconds >= shortest || (others.isEmpty() && seconds > 0);
    }

    /** The last second, or what there is of it. */
    Interval newest() {
        return seconds.isEmpty() ? new Interval(0, 0, Latencies.of(all)) : seconds.get(seconds.size() - 1);
    }

    /** From the start to the end. */
    List<Interval> intervals() {
        return List.copyOf(secondAt < SHORT_SECONDS ? tenths : seconds);
    }

    /** All latencies, in nanoseconds. */
    Histogram histogram() {
        return all.copy();
    }
}
