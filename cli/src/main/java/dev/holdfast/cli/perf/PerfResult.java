package dev.holdfast.cli.perf;

import dev.holdfast.measure.Cost;
import dev.holdfast.measure.Latencies;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * The figures of a run, measured after the warm-up.
 *
 * @param messages messages sent or consumed
 * @param confirmed messages confirmed by the broker or acknowledged
 * @param seconds from the start of the measurement to the last outcome
 * @param sampleInterval one message of so many was timed
 * @param latencies in nanoseconds; empty for a consume run
 * @param wholeSeconds the intervals of a second each
 */
record PerfResult(
        long messages,
        long confirmed,
        double seconds,
        Cost cost,
        int sampleInterval,
        Histogram latencies,
        List<Timeline.Interval> intervals,
        List<Timeline.Interval> wholeSeconds) {

    double messagesPerSecond() {
        return seconds > 0 ? messages / seconds : 0;
    }

    double cpuMicrosPerMessage() {
        return messages > 0 ? cost.cpuNanos() / 1e3 / messages : 0;
    }

    double heapBytesPerMessage() {
        return messages > 0 ? Math.max(0, (double) cost.heapBytes() / messages) : 0;
    }

    /** Returns the line of {@code --json}. */
    String json() {
        Latencies percentiles = Latencies.of(latencies);
        return String.format(
                Locale.ROOT,
                "{\"messages\":%d,\"confirmed\":%d,\"seconds\":%.3f,\"messages_per_second\":%.1f,"
                        + "\"cpu_micros_per_message\":%.3f,\"heap_bytes_per_message\":%.1f,"
                        + "\"latency_micros\":{\"p50\":%s,\"p99\":%s,\"p999\":%s}}",
                messages,
                confirmed,
                seconds,
                messagesPerSecond(),
                cpuMicrosPerMessage(),
                heapBytesPerMessage(),
                formatNumber(percentiles.p50()),
                formatNumber(percentiles.p99()),
                formatNumber(percentiles.p999()));
    }

    private static String formatNumber(double micros) {
        return Double.isNaN(micros) ? "null" : String.format(Locale.ROOT, "%.1f", micros);
    }

    /** Returns the figures as text. */
    List<String> lines() {
        Latencies percentiles = Latencies.of(latencies);
        return List.of(
                line(
                        "messages   %,d, %,d confirmed, in %.3f s: %,.0f messages/s",
                        messages, confirmed, seconds, messagesPerSecond()),
                line("CPU        %.3f \u00b5s a message, of the whole process", cpuMicrosPerMessage()),
                line("heap       %.1f bytes a message", heapBytesPerMessage()),
                percentiles.samples() == 0
                        ? "latency    not measured"
                        : line(
                                "latency    p50 %s, p99 %s, p99.9 %s, max %s, of %,d messages, one in %,d",
                                formatMicros(percentiles.p50()),
                                formatMicros(percentiles.p99()),
                                formatMicros(percentiles.p999()),
                                formatMicros(percentiles.max()),
                                percentiles.samples(),
                                sampleInterval));
    }

    /** Formats a time in microseconds, ms or s; NaN as a dash. */
    static String formatMicros(double micros) {
        if (Double.isNaN(micros)) {
            return "-";
        }
        if (micros >= 1e6) {
            return line("%.2f s", micros / 1e6);
        }
        return micros >= 1e3 ? line("%.2f ms", micros / 1e3) : line("%.0f \u00b5s", micros);
    }

    private static String line(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
