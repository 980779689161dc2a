package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import dev.holdfast.testkit.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerfIT {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    /** Returns the line of JSON that a run prints. */
    private static JsonNode run(String command) throws IOException {
        Shell.Result result = Shell.run(command.split(" "));
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.text()).hasLineCount(1).endsWith("}\n");
        JsonNode json = new ObjectMapper().readTree(result.text());
        assertThat(json.propertyStream().map(property -> property.getKey()))
                .containsExactly(
                        "messages",
                        "confirmed",
                        "seconds",
                        "messages_per_second",
                        "cpu_micros_per_message",
                        "heap_bytes_per_message",
                        "latency_micros");
        return json;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--discard",
                "--discard --threads 5 --connections 2 --transport nio --window 7",
                "--discard --size 0 --warmup 0",
                "--discard --rate 200000",
                "--discard -x 2 -y 0 -s 200 -c 7 -r 100000",
                "--discard --size 70000 --window 10",
                "--embedded",
                "--embedded -u perf --threads 2"
            })
    void reportsTheNumberOfMeasuredMessages(String options) throws IOException {
        JsonNode json = run("perf --messages 10007 --json " + options);
        assertThat(json.get("messages").asLong()).isEqualTo(10_007);
        assertThat(json.get("confirmed").asLong()).isEqualTo(10_007);
        assertThat(json.get("messages_per_second").asDouble()).isPositive();
        JsonNode latency = json.get("latency_micros");
        assertThat(latency.get("p50").asDouble())
                .isPositive()
                .isLessThanOrEqualTo(latency.get("p99").asDouble());
        assertThat(latency.get("p99").asDouble())
                .isLessThanOrEqualTo(latency.get("p999").asDouble());
    }

    @Test
    void letterOfConsumersMeasuresConsuming() throws IOException {
        JsonNode json = run("perf --embedded -x 0 -y 2 -c 100 --messages 1000 --json");
        assertThat(json.get("messages").asLong()).isEqualTo(1000);
        assertThat(json.get("latency_micros").get("p50").isNull()).isTrue();
    }

    @Test
    void confirmedIsZeroWithoutConfirms() throws IOException {
        JsonNode json = run("perf --discard --messages 5000 --no-confirms --json");
        assertThat(json.get("messages").asLong()).isEqualTo(5000);
        assertThat(json.get("confirmed").asLong()).isZero();
    }

    @Test
    void sendsOnlyProbeWarmUpAndMeasuredMessages() throws IOException {
        try (DiscardingBroker peer = DiscardingBroker.start(ConfirmMode.PER_MESSAGE)) {
            JsonNode json = run("perf --messages 3000 --warmup 500 --connections 2 --json --uri " + peer.uri());
            assertThat(json.get("messages").asLong()).isEqualTo(3000);
            // Includes the first message of each connection, which probes the target.
            assertThat(peer.messages()).isEqualTo(3502);
        }
    }

    @Test
    void stopsAfterSeconds() throws IOException {
        JsonNode json = run("perf --discard --seconds 0.3 --warmup 100 --rate 1000 --json");
        long due = (long) (json.get("seconds").asDouble() * 1000) + 2;
        assertThat(json.get("messages").asLong()).isBetween(1L, due);
        assertThat(json.get("confirmed")).isEqualTo(json.get("messages"));
    }

    /**
     * The rate is far above what a window of one allows: the latency of the last message is the duration of the run.
     */
    @Test
    void latencyIncludesTheDelayAgainstTheSchedule() throws IOException {
        JsonNode json = run("perf --discard --messages 2000 --warmup 0 --window 1 --rate 10000000 --json");
        double micros = json.get("seconds").asDouble() * 1e6;
        assertThat(json.get("latency_micros").get("p999").asDouble()).isGreaterThan(micros / 2);
        assertThat(json.get("latency_micros").get("p50").asDouble()).isGreaterThan(micros / 20);
    }

    @Test
    void consumeDrainsATemporaryQueue() throws IOException {
        JsonNode json =
                run("perf --consume --messages 5000 --warmup 100 --threads 3 --connections 2 --window 50 --json --uri "
                        + broker.uri());
        assertThat(json.get("messages").asLong()).isEqualTo(5000);
        assertThat(json.get("latency_micros").get("p50").isNull()).isTrue();
    }

    @Test
    void writesASelfContainedReport(@TempDir Path folder) throws IOException {
        Path page = folder.resolve("perf.html");
        Shell.Result result = Shell.run(
                "perf", "--messages", "2000", "--report", page.toString(), "--uri", broker.uri() + "?heartbeat=30");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.text()).contains("2,000 confirmed", "p99.9");
        assertThat(result.err()).contains("report: " + page);
        assertThat(Files.readString(page))
                .contains("2,000", "Throughput over time", "Latency over time", "Latency by percentile")
                .contains("holdfast perf --messages 2000", "amqp://...@127.0.0.1", "\"PER_SECOND\"")
                .doesNotContain("guest:guest", " src=", "<link");
    }

    @Test
    void missingTargetIsReportedInOneLine() {
        for (List<String> command : List.of(
                List.of("perf", "--exchange", "missing", "--uri", broker.uri()),
                List.of("perf", "--routing-key", "missing", "--mandatory", "--uri", broker.uri()))) {
            Shell.Result result = Shell.run(command.toArray(String[]::new));
            assertThat(result.err())
                    .startsWith("holdfast: ")
                    .contains("missing")
                    .hasLineCount(1);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.out()).isEmpty();
        }
    }
}
