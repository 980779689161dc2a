package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "publish | no target",
                "publish --queue q --colour red | --colour",
                "publish --queue q --property colour=red | colour",
                "publish --queue q --property priority=256 | 256",
                "publish --queue q --property priority | --property' (k=v): priority (expected: key=value)",
                "publish --queue q --header =x | (expected: key=value)",
                "publish --queue q --failures no/such/folder/x | --failures: no/such/folder/x (expected: a file that",
                "consume --queue q --failures . | --failures: . (expected: a file that can be written)",
                "publish --queue q --routing-key other | --routing-key: other",
                "publish --queue q --exchange-type topic | --exchange-type: topic",
                "publish --queue q --serializer xml | expected one of [JSON, TEXT, RAW, YAML, MSGPACK, PICKLE]",
                "publish --queue q --compression lz4 | compression: lz4 (expected: one of [brotli, bzip, bzip2, gzip,",
                "publish --queue q --serializer yaml --property content-type=x | content-type: with --serializer yaml",
                "publish --queue q --property content-encoding=gzip | content-encoding: gzip (expected: utf-8",
                "publish --queue q --serializer text --property content-type=a/b;charset=utf-16 | expected: utf-8",
                "publish --queue q --timeout 0 | seconds above 0",
                "publish --queue q --timeout soon | seconds above 0",
                "publish --queue q --max-retries -1 | maxRetries: -1",
                "publish --queue q --uri http://localhost/ | --uri",
                "publish --queue q --uri amqp://localhost/ --embedded | expected: one of them",
                "publish --queue q one two | two",
                "consume | --queue",
                "consume --queue q --count 0 | --count: 0",
                "consume --queue q --accept json,xml | --accept: serializer: xml (expected: one of [json, kombu-json,",
                "consume --queue q --accept ,json | --accept: serializer:  (expected: one of",
                "consume --queue q --timeout -1 | seconds above 0",
                "consume --queue q --requeue | --requeue, --parallel: without --exec",
                "consume --queue q --exec true --peek | --exec and --peek",
                "consume --queue q --exec true --parallel 0 | --parallel: 0 (expected: 1..1000)",
                "declare | no target (expected: --queue or --exchange)",
                "declare --queue q --type lazy | expected one of [CLASSIC, QUORUM, STREAM]",
                "declare --queue q --durable maybe | --durable",
                "declare --queue q --argument x | (expected: key=value)",
                "declare --queue q --routing-key k | --routing-key: without --exchange",
                "declare --queue q --exchange-type topic | --exchange-type: without --exchange",
                "declare --exchange x --type quorum | --type: without --queue",
                "declare --exchange x --binding-argument a=b | --binding-argument: without --queue",
                "inspect | --queue",
                "purge | --queue",
                "delete | no target (expected: --queue or --exchange)",
                "delete --queue q --exchange x | expected: one of them, or with --binding",
                "delete --queue q --binding | --binding: without --queue or --exchange",
                "delete --queue q --routing-key k | without --binding",
                "delete --exchange x --if-empty | --if-empty: with --exchange",
                "delete --queue q --exchange x --binding --if-empty | with --binding",
                "demo --messages 0 | --messages: 0",
                "demo --messages many | many",
                "broker --port 65536 | --port: 65536",
                "perf | no broker (expected: one of --uri, --discard, --embedded)",
                "perf --discard --embedded | --uri, --discard, --embedded: 2 (expected: one of",
                "perf --discard --uri amqp://localhost/ | expected: one of",
                "perf --discard --messages 0 | --messages: 0 (expected: >= 1)",
                "perf --discard --seconds 0 | seconds above 0",
                "perf --discard --warmup -1 | --warmup: -1 (expected: >= 0)",
                "perf --discard --size -1 | --size: -1 (expected: 0..134217728)",
                "perf --discard --window 0 | --window: 0 (expected: 1..16777216)",
                "perf --discard --connections 0 | --connections: 0 (expected: 1..1000)",
                "perf --discard --connections 3 --threads 2 | --threads: 2 (expected: 3..1000)",
                "perf --discard --rate 0 | --rate: 0.0 (expected: above 0",
                "perf --discard --rate NaN | --rate: NaN (expected: above 0",
                "perf --discard --transport udp | --transport",
                "perf --discard --queue q --routing-key other | --routing-key: other",
                "perf --discard --consume | --discard: with -y or --consume (expected: --uri or --embedded",
                "perf --embedded --consume --rate 5 | -r, --rate: with -y or --consume",
                "perf --embedded --consume --seconds 5 | -z, --seconds: with -y or --consume",
                "perf --embedded --consume --no-confirms | --no-confirms: with -y or --consume",
                "perf --embedded --consume --queue q | -u, --queue and other targets: with -y or --consume",
                "perf --embedded --consume --window 65536 | --window: 65536 (expected: 1..65535)",
                "perf --discard -x 1 -y 1 | -x and -y: both above 0",
                "perf --discard -x 0 | -x: 0 (expected: above 0, or 0 with -y above 0)",
                "perf --discard -x 1001 | -x: 1001 (expected: 0..1000)",
                "perf --discard -x 2 --connections 2 | --connections: with -x or -y",
                "perf --embedded -y 2 -z 5 | -z, --seconds: with -y or --consume (expected: --messages, which ends the",
                "perf --discard -y 2 | --discard: with -y or --consume",
                "perf --discard --rate 5 -r 5 | --rate and -r (expected: one of them)",
                "perf --discard -r 0 | -r: 0.0 (expected: above 0",
                "perf --discard -c 0 | --window: 0 (expected: 1..16777216)",
                "perf --embedded -y 1 --hgrm x | --hgrm: with -y or --consume",
                "perf --discard --csv no/such/folder/x | --csv: no/such/folder/x (expected: a file",
                "perf --discard --hgrm . | --hgrm: . (expected: a file",
                "perf --discard --report no/such/folder/x.html | --report: no/such/folder/x.html (expected: a file",
                "perf --discard --report . | --report: . (expected: a file",
                "serve | serve"
            })
    void wrongUsageReportsTheReasonAndExitsWithCode2(String command, String reason) {
        Shell.Result result = Shell.run(command.split(" "));
        assertThat(result.err())
                .startsWith("holdfast: ")
                .contains(reason)
                .contains("--help")
                .doesNotContain("option option");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "demo --help",
                "publish --help",
                "consume --help",
                "declare --help",
                "inspect --help",
                "purge --help",
                "delete --help",
                "perf --help",
                "broker --help"
            })
    void helpShowsExamples(String command) {
        Shell.Result result = Shell.run(command.split(" "));
        assertThat(result.exitCode()).isZero();
        assertThat(result.text()).contains("Usage: holdfast").contains("  holdfast ");
        assertThat(result.text().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void printsTheBuildVersion() {
        Shell.Result result = Shell.run("--version");
        assertThat(result.exitCode()).isZero();
        assertThat(result.text()).matches("holdfast \\d.* \\(Java .*\\)\\R");
    }

    @Test
    void virtualThreadsRequireJava21() {
        assumeThat(Runtime.version().feature()).isLessThan(21);
        Shell.Result result = Shell.run("perf", "--discard", "--virtual-threads");
        assertThat(result.err())
                .contains("--virtual-threads: Java " + Runtime.version().feature() + " (expected: Java 21 or later)");
        assertThat(result.exitCode()).isEqualTo(2);
    }

    @Test
    void errorsDoNotContainThePasswordOfAUri() {
        assertThat(Shell.run("consume", "--queue", "q", "--uri", "amqp://me:s3cret@host:port/")
                        .err())
                .doesNotContain("s3cret");
    }
}
