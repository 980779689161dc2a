package dev.holdfast.jmh.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The figures of a measurement.
 *
 * @param sent messages that the peer must have received, those of the warm-up included
 * @param messages messages of the measurement itself
 * @param perSecond messages a second, from the first publish to the last confirm
 * @param cpuMicros CPU time of the process, JIT compiler and garbage collector included, per message
 * @param threadMicros CPU time of the Java threads that are alive at the end, per message
 * @param heapBytes bytes allocated on the heap by all Java threads, per message
 * @param systemCalls read and write calls per message; -1 if the system does not count them
 * @param p50 50th percentile of latency in microseconds; 0 if none was measured
 * @param p99 99th percentile in microseconds
 * @param p999 99.9th percentile in microseconds
 */
public record Figures(
        long sent,
        long messages,
        double perSecond,
        double cpuMicros,
        double threadMicros,
        double heapBytes,
        double systemCalls,
        double p50,
        double p99,
        double p999) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Formats one line of JSON for {@link #parse}. */
    public String line() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("figures cannot be written", e);
        }
    }

    static Figures parse(String line) {
        try {
            return JSON.readValue(line, Figures.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("figures: " + line + " (expected: one line of JSON)", e);
        }
    }

    /** A copy with this as the only latency. */
    Figures latency(double micros) {
        return new Figures(
                sent, messages, 1e6 / micros, cpuMicros, threadMicros, heapBytes, systemCalls, micros, micros, micros);
    }

    /** A copy with this number of system calls. */
    Figures systemCalls(double perMessage) {
        return new Figures(sent, messages, perSecond, cpuMicros, threadMicros, heapBytes, perMessage, p50, p99, p999);
    }

    /** The median of each figure. */
    public static Figures median(List<Figures> all) {
        return new Figures(
                all.get(0).sent,
                all.get(0).messages,
                median(all, Figures::perSecond),
                median(all, Figures::cpuMicros),
                median(all, Figures::threadMicros),
                median(all, Figures::heapBytes),
                median(all, Figures::systemCalls),
                median(all, Figures::p50),
                median(all, Figures::p99),
                median(all, Figures::p999));
    }

    private static double median(List<Figures> all, ToDoubleFunction<Figures> figure) {
        double[] sorted = all.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The lowest and the highest rate. */
    public static double[] rates(List<Figures> all) {
        double[] rates = all.stream().mapToDouble(Figures::perSecond).toArray();
        Arrays.sort(rates);
        return new double[] {rates[0], rates[rates.length - 1]};
    }
}
