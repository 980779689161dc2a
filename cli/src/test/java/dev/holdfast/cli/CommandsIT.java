package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsIT {
    private static final int LINES = 20_000;
    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void consumedLinesEqualThePublishedFile(@TempDir Path folder) throws IOException {
        byte[] input = mixedLines();
        Path file = Files.write(folder.resolve("mixed.ndjson"), input);
        Shell.Result published = run("publish", "--queue", "mixed", "--retry", "--json", file.toString());
        assertThat(published.err()).isEmpty();
        assertThat(published.text())
                .startsWith("{\"published\":20000,\"confirmed\":20000,\"returned\":0,\"nacked\":0,\"failed\":0,")
                .contains("\"unknown\":0,\"retried\":0,\"read\":20000,\"confirmed_up_to\":20000,")
                .hasLineCount(1);
        assertThat(published.exitCode()).isZero();
        Shell.Result consumed = run("consume", "--queue", "mixed", "--count", "20000", "--timeout", "60");
        assertThat(consumed.exitCode()).isZero();
        assertThat(consumed.out()).isEqualTo(input);
    }

    /** Returns lines of many sizes, some not ASCII, one of 5 MiB, each with a line feed. */
    private static byte[] mixedLines() throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < LINES; i++) {
            int size = i == LINES / 2 ? 5 << 20 : random.nextInt(i % 100 == 0 ? 5000 : 300);
            String word = i % 3 == 0 ? "gr\u00fc\u00dfe \u4f60\u597d \ud83d\ude80 " : "plain ";
            String text = word.repeat(size / word.length() + 1);
            lines.write(("{\"n\":" + i + ", \"text\":\"" + text + "\"}\n").getBytes(UTF_8));
        }
        return lines.toByteArray();
    }

    @Test
    void declaresTheBindingAndTransmitsPropertiesAndHeaders() {
        Shell.Result published = run(
                "h\u00e9llo".getBytes(UTF_8),
                "publish --exchange media --exchange-type topic --queue props --routing-key a.b --serializer text"
                        + " --property priority=4 --property message-id=m1"
                        + " --header n=7 --header ok=true --header s=x=y");
        assertThat(published.err()).contains("1 published, 1 confirmed");
        assertThat(published.out()).isEmpty();
        Shell.Result consumed = run("consume", "--queue", "props", "--count", "1", "--timeout", "20", "--json");
        assertThat(consumed.text())
                .startsWith("{\"body\":\"h\u00e9llo\",\"exchange\":\"media\",\"routing_key\":\"a.b\",")
                .contains("\"content-type\":\"text/plain\",\"content-encoding\":\"utf-8\",\"delivery-mode\":2,")
                .contains("\"priority\":4")
                .contains("\"message-id\":\"m1\"")
                .contains("\"headers\":{\"n\":7,\"ok\":true,\"s\":\"x=y\"}")
                .endsWith("}\n");
    }

    @Test
    void invalidLineDoesNotStopTheOthers() {
        Shell.Result published = run("{}\n{\n[1]\n".getBytes(UTF_8), "publish --queue partly --json");
        assertThat(published.exitCode()).isEqualTo(1);
        assertThat(published.err()).startsWith("holdfast: line 2: not JSON").hasLineCount(1);
        assertThat(published.text())
                .contains("\"published\":2,\"confirmed\":2")
                .contains("\"failed\":1,\"unknown\":0,\"retried\":0,\"read\":3,\"confirmed_up_to\":1,");
    }

    @Test
    void rawBytesAreTransmittedUnchanged() {
        byte[] bytes = "\u00e4\u00f6\u0001".getBytes(ISO_8859_1);
        assertThat(run(bytes, "publish --queue raw --serializer raw").exitCode())
                .isZero();
        assertThat(run("consume", "--queue", "raw", "--count", "1", "--timeout", "20")
                        .out())
                .isEqualTo("\u00e4\u00f6\u0001\n".getBytes(ISO_8859_1));
    }

    @Test
    void unroutableMessagesCountAsReturned() {
        Shell.Result published = run("{}\n{}\n".getBytes(UTF_8), "publish --routing-key nowhere --mandatory --json");
        assertThat(published.exitCode()).isEqualTo(1);
        assertThat(published.text())
                .contains("\"published\":2,\"confirmed\":0,\"returned\":2,\"nacked\":0,\"failed\":0");
        assertThat(published.err()).contains("line 1: ").contains("line 2: ");
    }

    @Test
    void stopsAfterTheFirstLineIfTheExchangeIsMissing() {
        Shell.Result published = run("{}\n".repeat(50).getBytes(UTF_8), "publish --exchange missing --json");
        assertThat(published.exitCode()).isEqualTo(1);
        assertThat(published.err()).contains("line 1: ").contains("missing").contains("stopped before line 2");
        assertThat(published.text())
                .contains("\"confirmed\":0")
                .contains("\"failed\":1,")
                .contains("\"read\":1,");
    }

    @Test
    void publishesToAnEmbeddedBroker() {
        Shell.Result published = Shell.run("{}".getBytes(UTF_8), "publish", "--embedded", "--queue", "q", "--json");
        assertThat(published.text()).contains("\"confirmed\":1");
        assertThat(published.exitCode()).isZero();
    }

    @Test
    void failsIfFewerMessagesArriveThanCount() {
        run("1\n2\n".getBytes(UTF_8), "publish --queue few");
        Shell.Result consumed = run("consume", "--queue", "few", "--count", "3", "--timeout", "0.5");
        assertThat(consumed.exitCode()).isEqualTo(1);
        assertThat(consumed.text()).isEqualTo("1\n2\n");
        assertThat(consumed.err()).isEqualTo("holdfast: --count: messages printed: 2 (expected: 3)\n");
        assertThat(run("consume", "--queue", "few", "--timeout", "0.2").exitCode())
                .isZero();
    }

    @Test
    void unprintedMessagesRemainInTheQueue() {
        run("1\n2\n3\n".getBytes(UTF_8), "publish --queue rest");
        assertThat(run("consume", "--queue", "rest", "--count", "2").text()).isEqualTo("1\n2\n");
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Shell.Result head = Shell.run(new byte[0], closed, "consume", "--queue", "rest", "--uri", broker.uri());
        assertThat(head.exitCode()).isZero();
        assertThat(head.err())
                .isEqualTo("holdfast: standard output was closed by its reader: 0 messages printed and acknowledged,"
                        + " read or not\n");
        assertThat(run("consume", "--queue", "rest", "--count", "1", "--timeout", "20")
                        .text())
                .isEqualTo("3\n");
    }

    @Test
    void acknowledgesWhatWasWrittenBeforeTheOutputFailed() {
        run("1\n2\n3\n4\n".getBytes(UTF_8), "publish --queue failing");
        ByteArrayOutputStream disk = new ByteArrayOutputStream();
        OutputStream failing = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                if (disk.size() == 5) { // within the third line
                    throw new IOException("No space left on device");
                }
                disk.write(b);
            }
        };
        Shell.Result full = Shell.run(new byte[0], failing, "consume", "--queue", "failing", "--uri", broker.uri());
        assertThat(full.exitCode()).isEqualTo(1);
        assertThat(full.err())
                .isEqualTo("holdfast: standard output: No space left on device: 2 messages printed and acknowledged; a"
                        + " line after them may be incomplete\n");
        assertThat(disk.toString(UTF_8)).isEqualTo("1\n2\n3");
        assertThat(run("consume", "--queue", "failing", "--count", "2").text()).isEqualTo("3\n4\n");
    }

    @Test
    void peekLeavesTheMessagesInTheQueue() {
        run("1\n2\n3\n".getBytes(UTF_8), "publish --queue peeked");
        Shell.Result two = run("consume", "--queue", "peeked", "--peek", "--count", "2");
        assertThat(two.text()).isEqualTo("1\n2\n");
        assertThat(two.exitCode()).isZero();
        Shell.Result all = run("consume", "--queue", "peeked", "--peek", "--json");
        assertThat(all.text()).hasLineCount(3).contains("\"redelivered\":true");
        assertThat(all.err()).isEmpty();
        Shell.Result more = run("consume", "--queue", "peeked", "--peek", "--count", "4");
        assertThat(more.exitCode()).isEqualTo(1);
        assertThat(more.err()).isEqualTo("holdfast: --count: messages printed: 3 (expected: 4)\n");
        assertThat(run("consume", "--queue", "peeked", "--count", "3").text()).isEqualTo("1\n2\n3\n");
    }

    @Test
    void byteOrderMarkIsNotSentUnlessByRaw() {
        byte[] marked = "\ufeff{\"a\":1}\n\ufeff[2]\n".getBytes(UTF_8);
        assertThat(run(marked, "publish --queue marked").exitCode()).isZero();
        assertThat(run("consume", "--queue", "marked", "--count", "2").out())
                .isEqualTo("{\"a\":1}\n[2]\n".getBytes(UTF_8));
        assertThat(run(marked, "publish --queue marked --serializer yaml").exitCode())
                .isZero();
        assertThat(run("consume", "--queue", "marked", "--count", "2", "--accept", "yaml")
                        .out())
                .isEqualTo("{\"a\":1}\n[2]\n".getBytes(UTF_8));
        assertThat(run("\ufeffa\n\ufeffb\n".getBytes(UTF_8), "publish --queue marked --serializer text")
                        .exitCode())
                .isZero();
        assertThat(run("consume", "--queue", "marked", "--count", "2").out()).isEqualTo("a\n\ufeffb\n".getBytes(UTF_8));
        assertThat(run(marked, "publish --queue marked --serializer raw").exitCode())
                .isZero();
        assertThat(run("consume", "--queue", "marked", "--count", "2").out()).isEqualTo(marked);
    }

    @Test
    void everyFailedLineIsNamedInAFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("failed.txt");
        Shell.Result published =
                run("{\n".repeat(12).concat("1\n").getBytes(UTF_8), "publish --queue named --failures " + file);
        assertThat(published.err())
                .contains(
                        "holdfast: line 10: not JSON",
                        "holdfast: and 2 more messages failed; all 12 are named in " + file)
                .contains("13 read, 1 published, 1 confirmed, 0 returned, 0 nacked, 12 failed, 0 unknown")
                .doesNotContain("line 11");
        assertThat(Files.readAllLines(file))
                .hasSize(12)
                .last()
                .asString()
                .startsWith("line 12: not JSON: unexpected end");
        Shell.Result missing = run(new byte[0], "publish --queue named --failures " + folder.resolve("no/file"));
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err())
                .contains("--failures: " + folder.resolve("no/file") + " (expected: a file that can be");
    }

    @Test
    @SuppressWarnings("InputStreamSlowMultibyteRead") // fails at its first byte
    void linesBeforeAReadErrorAreCounted() {
        InputStream failing =
                new SequenceInputStream(new ByteArrayInputStream("1\n2\n".getBytes(UTF_8)), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("Input/output error");
                    }
                });
        Shell.Result published =
                Shell.run(failing, new ByteArrayOutputStream(), "publish", "--queue", "io", "--uri", broker.uri());
        assertThat(published.exitCode()).isEqualTo(1);
        assertThat(published.err())
                .startsWith(
                        "holdfast: line 3: cannot be read: Input/output error; all lines up to line 2 are confirmed\n")
                .contains("2 read, 2 published, 2 confirmed");
    }

    @Test
    void demoSurvivesTheConnectionCut() {
        Shell.Result demo = Shell.run("demo", "--messages", "5000");
        assertThat(demo.text())
                .contains("published  5,000")
                .contains("2 connections")
                .contains("confirmed  5,000")
                .contains("consumed   5,000 different messages, 0 missing");
        assertThat(demo.exitCode()).isZero();
        Shell.Result json = Shell.run("demo", "--messages", "1", "--json");
        assertThat(json.text())
                .matches("\\{\"published\":1,\"confirmed\":1,\"returned\":0,\"nacked\":0,\"failed\":0,\"unknown\":0,"
                        + "\"retried\":\\d+,\"read\":1,\"confirmed_up_to\":1,"
                        + "\"seconds\":[0-9.]+,\"messages_per_second\":[0-9.]+}\n");
        assertThat(json.exitCode()).isZero();
    }

    @Test
    void brokerErrorsAreReportedInOneLine() throws IOException {
        int closedPort;
        try (ServerSocket socket = new ServerSocket(0)) {
            closedPort = socket.getLocalPort();
        }
        String closedPortUri = "amqp://127.0.0.1:" + closedPort + "/";
        assertFailsWith(Shell.run("consume", "--queue", "q", "--uri", closedPortUri), "127.0.0.1:" + closedPort);
        assertFailsWith(Shell.run("publish", "--queue", "q", "--uri", closedPortUri), "127.0.0.1:" + closedPort);
        String wrongPassword = broker.uri().replace("guest:guest", "guest:wr0ng");
        Shell.Result login = Shell.run("publish", "--queue", "q", "--retry", "--uri", wrongPassword);
        assertFailsWith(login, "guest");
        assertThat(login.err()).doesNotContain("wr0ng");
        assertFailsWith(run("consume", "--queue", "no-such-queue"), "no-such-queue");
        assertFailsWith(run("publish", "--queue", "q", "no-such-file"), "no-such-file");
        assertFailsWith(Shell.run("broker", "--port", Integer.toString(broker.port())), "" + broker.port());
    }

    private static void assertFailsWith(Shell.Result result, String reason) {
        assertThat(result.err()).startsWith("holdfast: ").contains(reason).hasLineCount(1);
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void retryWaitsForAnUnreachableBroker() {
        try (FaultProxy network = FaultProxy.to(broker.port())) {
            network.refuse(true);
            Thread repair = new Thread(() -> {
                while (network.acceptedConnections() < 2) {
                    Thread.onSpinWait();
                }
                network.refuse(false);
            });
            repair.start();
            Shell.Result published = Shell.run(
                    "1\n2\n".getBytes(UTF_8),
                    "publish",
                    "--queue",
                    "late",
                    "--retry",
                    "--json",
                    "--uri",
                    network.uri(broker.uri()));
            assertThat(published.text()).contains("\"published\":2,\"confirmed\":2");
            assertThat(published.err()).contains("; retrying");
            assertThat(published.exitCode()).isZero();
        }
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
