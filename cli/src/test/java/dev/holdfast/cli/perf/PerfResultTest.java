package dev.holdfast.cli.perf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.measure.Cost;
import dev.holdfast.measure.Latencies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerfResultTest {
    private static PerfResult result(Histogram latencies) {
        return new PerfResult(
                2000, 1999, 0.5, new Cost(3_000_000, 2_000_000, 49_000), 1, latencies, List.of(), seconds());
    }

    private static List<Timeline.Interval> seconds() {
        Latencies none = Latencies.of(new Histogram(3));
        return List.of(
                new Timeline.Interval(1.001, 2000, new Latencies(100, 10, 20.25, 30, 40)),
                new Timeline.Interval(2, 0, none));
    }

    @Test
    void writesARowOfCsvForEachSecond(@TempDir Path folder) throws IOException {
        Path csv = folder.resolve("perf.csv");
        ResultFiles.writeCsv(csv, result(new Histogram(3)));
        assertThat(csv).hasContent("""
                        seconds,messages_per_second,p50_micros,p99_micros,p999_micros,max_micros
                        1.001,2000.0,10.0,20.3,30.0,40.0
                        2.000,0.0,,,,
                        """);
    }

    @Test
    void writesTheDistributionInMicroseconds(@TempDir Path folder) throws IOException {
        Histogram latencies = new Histogram(3);
        latencies.recordValue(5_000);
        Path hgrm = folder.resolve("perf.hgrm");
        ResultFiles.writeHistogram(hgrm, result(latencies));
        assertThat(hgrm).content().contains("Value     Percentile TotalCount").contains("5.003 1.000000000000");
    }

    @Test
    void formatsTheResultAsOneLineOfJson() {
        Histogram latencies = new Histogram(3);
        for (int micros = 1; micros <= 1000; micros++) {
            latencies.recordValue(micros * 1000L);
        }
        assertThat(result(latencies).json())
                .isEqualTo("{\"messages\":2000,\"confirmed\":1999,\"seconds\":0.500,\"messages_per_second\":4000.0,"
                        + "\"cpu_micros_per_message\":1.500,\"heap_bytes_per_message\":24.5,"
                        + "\"latency_micros\":{\"p50\":500.2,\"p99\":990.2,\"p999\":999.4}}");
    }

    @Test
    void latencyIsNullIfNotMeasured() {
        PerfResult result = result(new Histogram(3));
        assertThat(result.json()).endsWith("\"latency_micros\":{\"p50\":null,\"p99\":null,\"p999\":null}}");
        assertThat(result.lines()).last().asString().contains("not measured");
    }

    @Test
    void ratesAreZeroWithoutMessages() {
        PerfResult nothing = new PerfResult(0, 0, 0, new Cost(1, 1, 1), 1, new Histogram(3), List.of(), List.of());
        assertThat(nothing.json()).contains("\"messages_per_second\":0.0").doesNotContain("NaN", "Infinity");
    }

    @Test
    void formatsTimesInSuitableUnits() {
        assertThat(List.of(
                        PerfResult.formatMicros(7),
                        PerfResult.formatMicros(1500),
                        PerfResult.formatMicros(2_500_000),
                        PerfResult.formatMicros(Double.NaN)))
                .containsExactly("7 \u00b5s", "1.50 ms", "2.50 s", "-");
    }
}
