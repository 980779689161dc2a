package dev.holdfast.cli.perf;

import dev.holdfast.cli.common.Progress;
import dev.holdfast.cli.common.Streams;
import java.util.Locale;

/** Shows the progress of a run on standard error: a bar on a terminal, else a line a second. Not thread-safe. */
final class RunProgress implements AutoCloseable {
    private final Streams streams;
    private final String task;
    private final Progress progress;

    /** @param messages number of messages, or at least half of {@link Long#MAX_VALUE} for a run that ends by time */
    RunProgress(Streams streams, String task, long messages) {
        this.streams = streams;
        this.task = task;
        this.progress = Progress.messagesWithoutSpeed(streams, task, messages < Long.MAX_VALUE / 2 ? messages : -1);
    }

    void update(long count) {
        progress.update(count);
    }

    /** Shows rate and latencies of the last second. */
    void reportSecond(Timeline.Interval interval) {
        String text = text(interval);
        progress.setNote(" " + text);
        if (!streams.terminal()) {
            streams.err().println(String.format(Locale.ROOT, "%-8s %4.0f s  %s", task, interval.end(), text));
        }
    }

    private static String text(Timeline.Interval interval) {
        String rate = String.format(Locale.ROOT, "%,.0f msg/s", interval.perSecond());
        if (interval.latencies().samples() == 0) {
            return rate;
        }
        return rate + "  p50 " + PerfResult.formatMicros(interval.latencies().p50()) + "  p99 "
                + PerfResult.formatMicros(interval.latencies().p99()) + "  p99.9 "
                + PerfResult.formatMicros(interval.latencies().p999());
    }

    @Override
    public void close() {
        progress.close();
    }
}
