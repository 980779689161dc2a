package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Queue;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What publish and consume tell and leave in the queue when a signal, a closed pipe or a full disk ends them. */
@DisabledOnOs(OS.WINDOWS)
class ProcessEndIT {
    private static EmbeddedBroker broker;
    private static Connection connection;
    private static Channel channel;
    private static Launcher launcher;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        broker = EmbeddedBroker.start();
        connection = Connection.open(broker.uri());
        channel = connection.channel();
        launcher = new Launcher(folder);
    }

    @AfterAll
    static void stop() {
        connection.close();
        broker.close();
    }

    private static long messages(String queue) {
        return channel.inspect(queue).messageCount();
    }

    /** Declares a queue with numbered messages, each on a line of this length. */
    private static void fill(String queue, int messages, int length) {
        channel.declare(Queue.of(queue));
        for (int i = 1; i <= messages; i++) {
            String number = Integer.toString(i);
            connection.producer().publish(number + " ".repeat(length - number.length() - 1), p -> p.routingKey(queue));
        }
        assertThat(messages(queue)).isEqualTo(messages);
    }

    private static void assumeNotIgnored(String signal) throws IOException {
        if (signal.equals("INT") && Files.exists(Path.of("/proc/self/status"))) {
            String ignored =
                    Files.readString(Path.of("/proc/self/status")).replaceAll("(?s).*SigIgn:\\s*(\\S+).*", "$1");
            assumeTrue((Long.parseUnsignedLong(ignored, 16) & 2) == 0, "this process ignores SIGINT, as its children");
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
    void signalEndsPublishWithASummary(String signal, int exitCode) throws Exception {
        assumeNotIgnored(signal);
        String queue = "publish-" + signal;
        channel.declare(Queue.of(queue));
        try (Launcher.Running publish = launcher.start("publish", "--queue", queue, "--uri", broker.uri())) {
            publish.in().write("1\n2\n3\n".getBytes(UTF_8));
            publish.in().flush(); // and not closed: the command waits for more
            Launcher.await("3 messages", () -> messages(queue) == 3);
            publish.signal(signal);
            assertThat(publish.exitCode()).as(publish.err()).isEqualTo(exitCode);
            assertThat(publish.err())
                    .contains("holdfast: stopped by SIG" + signal
                            + " after line 3; all lines up to line 3 are confirmed\n")
                    .contains("3 read, 3 published, 3 confirmed, 0 returned, 0 nacked, 0 failed, 0 unknown, 0 retried");
            assertThat(messages(queue)).isEqualTo(3);
        }
    }

    @Test
    void signalEndsPublishThatWaitsForConfirms() throws Exception {
        try (FaultProxy network = FaultProxy.to(broker.port());
                Launcher.Running publish = publishWithoutConfirms(network, "in-doubt")) {
            publish.signal("TERM");
            assertThat(publish.exitCode()).as(publish.err()).isEqualTo(143);
            assertThat(publish.err())
                    .contains(
                            "holdfast: SIGTERM: waiting up to 5 s for 2 outstanding confirms; a second signal ends at")
                    .contains("holdfast: line 3: sent but not confirmed: ")
                    .contains("holdfast: line 4: sent but not confirmed: ")
                    .contains("holdfast: stopped by SIGTERM after line 4; all lines up to line 1 are confirmed\n");
            assertThat(new String(publish.out().readAllBytes(), UTF_8))
                    .startsWith(
                            "{\"published\":3,\"confirmed\":1,\"returned\":0,\"nacked\":0,\"failed\":1,\"unknown\":2,")
                    .contains("\"confirmed_up_to\":1,");
        }
    }

    @Test
    void secondSignalEndsPublishAtOnce() throws Exception {
        try (FaultProxy network = FaultProxy.to(broker.port());
                Launcher.Running publish = publishWithoutConfirms(network, "twice")) {
            publish.signal("TERM");
            Launcher.await("the wait for confirms", () -> publish.err().contains("waiting up to 5 s"));
            publish.signal("TERM");
            assertThat(publish.exitCode()).isEqualTo(143);
            assertThat(publish.err()).doesNotContain("stopped by");
        }
    }

    /** Returns a publish of four lines: one that is confirmed, one that is no JSON, and two without a confirm. */
    private static Launcher.Running publishWithoutConfirms(FaultProxy network, String queue) throws Exception {
        channel.declare(Queue.of(queue));
        Launcher.Running publish =
                launcher.start("publish", "--json", "--queue", queue, "--uri", network.uri(broker.uri()));
        publish.in().write("1\n{\n".getBytes(UTF_8)); // line 2 is read once line 1, which is sent alone, is confirmed
        publish.in().flush();
        Launcher.await("the first confirm", () -> publish.err().contains("line 2: not JSON"));
        network.stall(FaultProxy.Direction.TO_CLIENT);
        publish.in().write("2\n3\n".getBytes(UTF_8));
        publish.in().flush();
        Launcher.await("3 messages", () -> messages(queue) == 3);
        return publish;
    }

    @Test
    void signalEndsConsumeAfterTheLine() throws Exception {
        fill("consumed", 3, 10);
        try (Launcher.Running consume = launcher.start("consume", "--queue", "consumed", "--uri", broker.uri())) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(consume.out(), UTF_8));
            for (int i = 1; i <= 3; i++) {
                assertThat(lines.readLine()).isEqualTo(i + " ".repeat(8));
            }
            consume.signal("TERM");
            assertThat(consume.exitCode()).as(consume.err()).isEqualTo(143);
            assertThat(consume.err()).isEqualTo("holdfast: stopped by SIGTERM: 3 messages printed and acknowledged\n");
            assertThat(messages("consumed")).isZero();
        }
    }

    /** Nothing reads the pipe: some lines fit in it, and the write of the next one blocks. */
    @Test
    void signalEndsConsumeWhoseWriteBlocks() throws Exception {
        fill("blocked", 20, 20_000);
        try (Launcher.Running consume = launcher.start("consume", "--queue", "blocked", "--uri", broker.uri())) {
            Launcher.await(
                    "the delivery of all", () -> channel.inspect("blocked").consumerCount() == 1);
            assertThat(consume.out().read()).isEqualTo('1'); // a line is written
            consume.signal("TERM");
            assertThat(consume.exitCode()).as(consume.err()).isEqualTo(143);
            int printed = Integer.parseInt(consume.err().replaceAll("(?s).*SIGTERM: (\\d+) messages printed.*", "$1"));
            assertThat(printed).isBetween(1, 19);
            assertThat(messages("blocked")).isEqualTo(20 - printed);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"full | \"$@\" >/dev/full | No space left on device", "closed | \"$@\" >&- | Bad file descriptor"})
    void outputThatCannotBeWrittenEndsConsume(String queue, String line, String reason) throws Exception {
        assumeTrue(!queue.equals("full") || Files.exists(Path.of("/dev/full")));
        fill(queue, 3, 10);
        try (Launcher.Running consume = launcher.startAs(line, "consume", "--queue", queue, "--uri", broker.uri())) {
            assertThat(consume.exitCode()).as(consume.err()).isEqualTo(1);
            assertThat(consume.err())
                    .isEqualTo("holdfast: standard output: " + reason
                            + ": 0 messages printed and acknowledged; a line after them may be incomplete\n");
            assertThat(messages(queue)).isEqualTo(3);
        }
    }

    @Test
    void closedPipeEndsConsume() throws Exception {
        fill("head", 2000, 1000);
        try (Launcher.Running consume = launcher.start("consume", "--queue", "head", "--uri", broker.uri())) {
            assertThat(consume.out().read()).isEqualTo('1');
            consume.out().close();
            assertThat(consume.exitCode()).as(consume.err()).isZero();
            int printed = Integer.parseInt(consume.err().replaceAll("(?s).*reader: (\\d+) message.*", "$1"));
            assertThat(printed).isBetween(1, 1999);
            assertThat(messages("head")).isEqualTo(2000 - printed);
        }
    }

    /** The library logs why it cannot connect, too. */
    @ParameterizedTest
    @CsvSource({"publish --queue q", "consume --queue q", "perf", "publish --queue q --retry --timeout 1"})
    void failureToConnectIsToldOnce(String command) throws Exception {
        String closed = "amqp://127.0.0.1:1/?connect_timeout=1";
        String[] arguments = (command + " --uri " + closed).split(" ");
        try (Launcher.Running unconnected = launcher.startAs("\"$@\" </dev/null", arguments)) {
            assertThat(unconnected.exitCode()).isEqualTo(command.contains("--retry") ? 0 : 1);
            assertThat(unconnected.err().lines().filter(line -> line.contains("connection refused: 127.0.0.1:1")))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"--help", "--version", "publish --help"})
    void helpThatCannotBeWrittenFails(String command) throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        try (Launcher.Running help = launcher.startAs("\"$@\" >/dev/full", command.split(" "))) {
            assertThat(help.exitCode()).isEqualTo(1);
            assertThat(help.err()).isEqualTo("holdfast: standard output: cannot be written\n");
        }
    }

    @Test
    void summaryThatCannotBeWrittenIsOnStandardError() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        try (Launcher.Running publish = launcher.startAs(
                "\"$@\" </dev/null >/dev/full", "publish", "--json", "--queue", "none", "--uri", broker.uri())) {
            assertThat(publish.exitCode()).isEqualTo(1);
            assertThat(publish.err())
                    .startsWith("0 read, 0 published, 0 confirmed,")
                    .endsWith("holdfast: standard output: No space left on device\n")
                    .hasLineCount(2);
        }
    }

    @Test
    void inputThatCannotBeReadEndsPublish() throws Exception {
        try (Launcher.Running publish =
                launcher.startAs("\"$@\" <&-", "publish", "--queue", "unread", "--uri", broker.uri())) {
            assertThat(publish.exitCode()).isEqualTo(1);
            assertThat(publish.err()).contains("holdfast: line 1: cannot be read: Bad file descriptor");
        }
    }
}
