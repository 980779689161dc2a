package dev.holdfast.cli.perf;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.measure.Latencies;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Writes the files of a run that other programs read. */
final class ResultFiles {
    private static final double NANOS_PER_MICRO = 1e3;

    private ResultFiles() {}

    /** Writes a header and a row for each second. Latencies are empty if none was measured. */
    static void writeCsv(Path file, PerfResult result) throws IOException {
        StringBuilder rows =
                new StringBuilder("seconds,messages_per_second,p50_micros,p99_micros,p999_micros,max_micros\n");
        for (Timeline.Interval second : result.wholeSeconds()) {
            Latencies latencies = second.latencies();
            rows.append(String.format(Locale.ROOT, "%.3f,%.1f", second.end(), second.perSecond()));
            for (double micros : new double[] {latencies.p50(), latencies.p99(), latencies.p999(), latencies.max()}) {
                rows.append(',').append(Double.isNaN(micros) ? "" : String.format(Locale.ROOT, "%.1f", micros));
            }
            rows.append('\n');
        }
        Files.writeString(file, rows);
    }

    /** Writes the distribution that the plotters of HdrHistogram read. */
    static void writeHistogram(Path file, PerfResult result) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(text, false, UTF_8)) {
            result.latencies().outputPercentileDistribution(out, NANOS_PER_MICRO);
        }
        Files.write(file, text.toByteArray());
    }
}
