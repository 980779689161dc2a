package dev.holdfast.jmh;

import dev.holdfast.jmh.adapter.ClientType;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The medians of one client over all rounds. */
record ClientResult(ClientType client, Spread perSecond, Spread cpuMicros, Spread threadMicros, Spread heapBytes) {
    /** Lowest, median and highest of several values. */
    record Spread(double low, double median, double high) {
        static Spread of(List<Sample> samples, ToDoubleFunction<Sample> value) {
            double[] sorted = samples.stream().mapToDouble(value).toArray();
            Arrays.sort(sorted);
            int middle = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
            return new Spread(sorted[0], median, sorted[sorted.length - 1]);
        }
    }

    static ClientResult of(ClientType client, List<Sample> samples) {
        return new ClientResult(
                client,
                Spread.of(samples, Sample::perSecond),
                Spread.of(samples, Sample::cpuMicros),
                Spread.of(samples, Sample::threadMicros),
                Spread.of(samples, Sample::heapBytes));
    }

    boolean isHoldfast() {
        return client.name().startsWith("HOLDFAST");
    }

    String line() {
        return String.format(
                "%-20s %,12.0f %,10.0f-%,10.0f %10.3f %10.3f %10.1f",
                client,
                perSecond.median(),
                perSecond.low(),
                perSecond.high(),
                cpuMicros.median(),
                threadMicros.median(),
                heapBytes.median());
    }
}
