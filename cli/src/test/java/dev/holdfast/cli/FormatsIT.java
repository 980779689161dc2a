package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.EmbeddedBroker;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormatsIT {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @ParameterizedTest
    @CsvSource({"json,gzip", "text,zlib", "raw,brotli", "yaml,bzip2", "msgpack,zstandard", "pickle,xz"})
    void documentIsUnchangedByEverySerializer(String serializer, String compression) {
        String queue = "format-" + serializer;
        byte[] line = "{\"n\":12345678901234567890,\"s\":\"gr\u00fc\u00dfe\",\"l\":[1.5,true,null]}\n".getBytes(UTF_8);
        Shell.Result published = run(
                line,
                "publish --json --queue " + queue + " --serializer " + serializer + " --compression " + compression);
        assertThat(published.err()).isEmpty();
        assertThat(published.text()).contains("\"confirmed\":1");
        Shell.Result consumed = run(
                "consume", "--queue", queue, "--count", "1", "--timeout", "20", "--accept", "json,yaml,msgpack,pickle");
        assertThat(consumed.err()).isEmpty();
        assertThat(consumed.out()).isEqualTo(line);
        assertThat(consumed.exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zlib", "bzip2", "bzip", "lzma", "xz", "brotli", "zstd", "zstandard"})
    void bytesAreUnchangedByEveryCompression(String compression) {
        String queue = "compression-" + compression;
        // The library by default rejects a body that grows 250-fold to more than 8 MiB.
        byte[] line = "\u00e4\r".repeat(5 << 20).concat("\n").getBytes(ISO_8859_1);
        assertThat(run(line, "publish --queue " + queue + " --serializer raw --compression " + compression)
                        .err())
                .contains("1 published, 1 confirmed");
        Shell.Result consumed = run("consume", "--queue", queue, "--count", "1", "--timeout", "20");
        assertThat(Arrays.equals(consumed.out(), line)).isTrue();
    }

    @Test
    void jsonOutputContainsTheDecodedBody() {
        byte[] line = "{\"at\":{\"__type__\":\"datetime\",\"__value__\":\"2026-01-31T10:00:00Z\"}}".getBytes(UTF_8);
        run(line, "publish --queue decoded --serializer pickle --compression gzip");
        assertThat(run("consume", "--queue", "decoded", "--timeout", "0.5", "--json", "--accept", "pickle")
                        .text())
                .startsWith("{\"body\":{\"at\":\"2026-01-31T10:00:00Z\"},\"exchange\":\"\",")
                .contains("\"content-type\":\"application/x-python-serialize\"")
                .contains("\"headers\":{\"compression\":\"application/x-gzip\"}");
    }

    @Test
    void undecodedMessagesRemainInTheQueue() {
        run("1\n2\n3\n".getBytes(UTF_8), "publish --queue mixture");
        run("{\n".getBytes(UTF_8), "publish --queue mixture --serializer raw --property content-type=application/json");
        run("4\n".getBytes(UTF_8), "publish --queue mixture --serializer pickle");
        run("5\n".getBytes(UTF_8), "publish --queue mixture");
        run("6".getBytes(UTF_8), "publish --queue mixture --serializer raw --header compression=lz4");
        run("7\n".getBytes(UTF_8), "publish --queue mixture");
        Shell.Result consumed = run("consume", "--queue", "mixture", "--timeout", "0.5", "--accept", "json");
        assertThat(consumed.text()).isEqualTo("1\n2\n3\n5\n7\n");
        assertThat(consumed.err())
                .hasLineCount(4)
                .contains("message 4 (exchange '', routing key 'mixture', content type application/json, 1 bytes): body"
                        + " is not json")
                .contains("message 5 (")
                .contains("content type: application/x-python-serialize (expected: [json])")
                .contains("message 7 (")
                .contains("compression: lz4 (expected: one of [")
                .endsWith("holdfast: queue 'mixture': messages not decoded, left in the queue: 3"
                        + System.lineSeparator());
        assertThat(consumed.exitCode()).isEqualTo(1);
        Shell.Result kept = run("consume", "--queue", "mixture", "--timeout", "0.5", "--json");
        assertThat(kept.text())
                .hasLineCount(3)
                .contains("{\"body\":\"{\",\"undecoded\":")
                .contains("{\"body\":\"6\",\"undecoded\":");
        assertThat(kept.exitCode()).isZero();
        assertThat(run("consume", "--queue", "mixture", "--timeout", "0.2").out())
                .isEmpty();
    }

    @Test
    void undecodedMessagesCountTowardsCount() {
        run("1\n2\n3\n".getBytes(UTF_8), "publish --queue counted --serializer yaml");
        run("4\n".getBytes(UTF_8), "publish --queue counted");
        Shell.Result consumed = run("consume", "--queue", "counted", "--count", "3", "--accept", "json");
        assertThat(consumed.out()).isEmpty();
        assertThat(consumed.exitCode()).isEqualTo(1);
        assertThat(run("consume", "--queue", "counted", "--count", "4", "--timeout", "20", "--accept", "yaml,json")
                        .text())
                .hasLineCount(4);
    }

    @Test
    @Timeout(60)
    void endsWhenUndecodedMessagesFillThePrefetch() {
        run("1\n".repeat(501).getBytes(UTF_8), "publish --queue stuck --serializer yaml");
        Shell.Result consumed = run("consume", "--queue", "stuck", "--accept", "json");
        assertThat(consumed.err())
                .hasLineCount(12)
                .contains("and 490 more messages failed; all 500 are named in ")
                .contains("left in the queue: 500");
        assertThat(consumed.exitCode()).isEqualTo(1);
        assertThat(run("consume", "--queue", "stuck", "--count", "501", "--timeout", "20", "--accept", "yaml")
                        .exitCode())
                .isZero();
    }

    @Test
    void rejectsLinesThatTheSerializerCannotWrite() {
        byte[] lines = "null\n{\n123456789012345678901\n1\n".getBytes(UTF_8);
        Shell.Result published = run(lines, "publish --queue unwritable --serializer msgpack --json");
        assertThat(published.exitCode()).isEqualTo(1);
        assertThat(published.err())
                .contains("line 1: null (expected: a JSON document other than null")
                .contains("line 2: not JSON")
                .contains("line 3: integer: 123456789012345678901")
                .hasLineCount(3);
        assertThat(published.text())
                .contains("\"published\":1,\"confirmed\":1")
                .contains("\"failed\":3,")
                .contains("\"read\":4,");
    }

    private static Shell.Result run(String... args) {
        return run(new byte[0], args);
    }

    private static Shell.Result run(byte[] input, String command) {
        return run(input, command.split(" "));
    }

    private static Shell.Result run(byte[] input, String... args) {
        String[] withBroker = Arrays.copyOf(args, args.length + 2);
        withBroker[args.length] = "--uri";
        withBroker[args.length + 1] = broker.uri();
        return Shell.run(input, withBroker);
    }
}
