package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Queue;
import dev.holdfast.testkit.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code consume --exec} gives to its command, and what the exit code of the command does to the message. */
@DisabledOnOs(OS.WINDOWS)
class ExecIT {
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

    private static void publish(String queue, String... bodies) {
        channel.declare(Queue.of(queue));
        for (String body : bodies) {
            connection.producer().publish(body, p -> p.routingKey(queue).header("x-to", "out.mp4"));
        }
    }

    private static long messages(String queue) {
        return channel.inspect(queue).messageCount();
    }

    private static Launcher.Running exec(String queue, String command, String... options) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("consume", "--uri", broker.uri(), "--queue", queue, "--exec", command));
        arguments.addAll(List.of(options));
        return launcher.start(arguments.toArray(String[]::new));
    }

    @Test
    void commandGetsBodyAndPropertiesAndItsSuccessAcknowledges() throws Exception {
        publish("read", "one", "two");
        String command = "cat; echo \" $HOLDFAST_QUEUE $HOLDFAST_CONTENT_TYPE $HOLDFAST_HEADER_X_TO\"";
        try (Launcher.Running consume = exec("read", command, "--timeout", "1")) {
            assertThat(new String(consume.out().readAllBytes(), UTF_8))
                    .isEqualTo("one read text/plain out.mp4\ntwo read text/plain out.mp4\n");
            assertThat(consume.exitCode()).as(consume.err()).isZero();
            assertThat(consume.err()).isEmpty();
        }
        assertThat(messages("read")).isZero();
    }

    @Test
    void commandThatDoesNotReadItsInputSucceeds() throws Exception {
        publish("unread", "x".repeat(1 << 20));
        try (Launcher.Running consume = exec("unread", "exit 0", "--count", "1")) {
            assertThat(consume.exitCode()).as(consume.err()).isZero();
            assertThat(consume.err()).isEmpty();
        }
        assertThat(messages("unread")).isZero();
    }

    /** The embedded broker requeues what is rejected: the log of frames tells what it was told. */
    @ParameterizedTest
    @CsvSource({
        "rejected, exit 3, --parallel=1, basic.reject deliveryTag=1",
        "requeued, exit 3, --requeue, basic.reject deliveryTag=1 requeue",
        "interrupted, kill -INT $$, --parallel=1, basic.nack deliveryTag=1 requeue"
    })
    void failedCommandRejectsOrRequeues(
            String queue, String command, String option, String method, @TempDir Path folder) throws Exception {
        publish(queue, "x");
        Path logging = Files.writeString(folder.resolve("logging.properties"), """
                handlers=java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.level=FINE
                dev.holdfast.frames.level=FINE
                """);
        Launcher logged = launcher.with("HOLDFAST_JAVA_OPTS", "-Djava.util.logging.config.file=" + logging);
        try (Launcher.Running consume = logged.start(
                "consume", "--uri", broker.uri(), "--queue", queue, "--exec", command, "--count", "1", option)) {
            assertThat(consume.exitCode()).as(consume.err()).isEqualTo(1);
            assertThat(consume.err())
                    .contains(", 1 bytes): exit code ")
                    .contains(queue.equals("rejected") ? ": rejected\n" : ": requeued\n")
                    .contains("holdfast: --exec: 1 message failed, 0 acknowledged\n")
                    .contains(method + "\n")
                    .doesNotContain("basic.ack");
        }
        assertThat(messages(queue)).isEqualTo(1);
    }

    @Test
    void commandThatCannotBeStartedEndsConsume() throws Exception {
        publish("unstarted", "1", "2", "3");
        try (Launcher.Running consume = exec("unstarted", "no-such-command-here")) {
            assertThat(consume.exitCode()).as(consume.err()).isEqualTo(1);
            assertThat(consume.err())
                    .endsWith("holdfast: --exec: no-such-command-here: cannot be started: exit code 127 of sh;"
                            + " the message is requeued\n");
        }
        assertThat(messages("unstarted")).isEqualTo(3);
    }

    /** As in {@code consume --exec cat | head -1}. */
    @Test
    void readerOfTheOutputThatEndsEndsConsume() throws Exception {
        channel.declare(Queue.of("piped"));
        try (Launcher.Running consume = exec("piped", "cat", "--count", "3")) {
            consume.out().close();
            publish("piped", "1", "2", "3");
            assertThat(consume.exitCode()).as(consume.err()).isEqualTo(1);
            assertThat(consume.err())
                    .contains("holdfast: --exec: cat: exit code 141, SIGPIPE: the reader of its output has ended;"
                            + " the message is requeued\n")
                    .doesNotContain("rejected");
        }
        assertThat(messages("piped")).isEqualTo(3);
    }

    @Test
    void messageThatIsNotAcceptedIsRequeuedAndEndsConsume() throws Exception {
        channel.declare(Queue.of("refused-json"));
        connection.producer().publish(Map.of("a", 1), p -> p.routingKey("refused-json"));
        try (Launcher.Running consume = exec("refused-json", "cat", "--accept", "yaml")) {
            assertThat(consume.exitCode()).as(consume.err()).isEqualTo(1);
            assertThat(consume.err())
                    .contains("content type: application/json (expected: ")
                    .endsWith("; the message is requeued\n")
                    .doesNotContain("rejected");
        }
        assertThat(messages("refused-json")).isEqualTo(1);
    }

    @Test
    void failuresAreNamedInTheirFile(@TempDir Path folder) throws Exception {
        publish("named", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12");
        Path file = folder.resolve("failed");
        try (Launcher.Running consume = exec("named", "exit 3", "--count", "12", "--failures", file.toString())) {
            assertThat(consume.exitCode()).as(consume.err()).isEqualTo(1);
            assertThat(consume.err().lines().filter(line -> line.endsWith(": exit code 3: rejected")))
                    .hasSize(10);
            assertThat(consume.err()).contains("holdfast: and 2 more messages failed; all 12 are named in " + file);
        }
        assertThat(Files.readAllLines(file)).hasSize(12).allMatch(line -> line.endsWith(": exit code 3: rejected"));
    }

    @Test
    void variablesKeepTheirCharactersInTheCLocale() throws Exception {
        channel.declare(Queue.of("locale"));
        connection.producer().publish("x", p -> p.routingKey("locale").header("x-to", "Gr\u00fc\u00dfe \u4e16"));
        List<String> arguments = List.of("consume", "--uri", broker.uri(), "--queue", "locale", "--count", "1");
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--exec", "printf %s \"$HOLDFAST_HEADER_X_TO\""));
        try (Launcher.Running consume = launcher.with("LC_ALL", "C").start(all.toArray(String[]::new))) {
            assertThat(new String(consume.out().readAllBytes(), UTF_8)).isEqualTo("Gr\u00fc\u00dfe \u4e16");
            assertThat(consume.exitCode()).as(consume.err()).isZero();
        }
    }

    @Test
    void parallelCommandsRunAtTheSameTime(@TempDir Path folder) throws Exception {
        publish("parallel", "a", "b");
        String command = "touch \"" + folder + "/$(cat)\";" + " until [ -e '" + folder + "/a' ] && [ -e '" + folder
                + "/b' ]; do sleep 0.1; done";
        try (Launcher.Running consume = exec("parallel", command, "--parallel", "2", "--count", "2")) {
            assertThat(consume.exitCode()).as(consume.err()).isZero();
        }
        assertThat(messages("parallel")).isZero();
    }

    /** After the signal a failure requeues. */
    @ParameterizedTest
    @CsvSource({"0, 1, '1 message acknowledged, 0 failed'", "1, 2, '0 messages acknowledged, 1 failed'"})
    void signalAwaitsTheOutcomeOfTheCommand(int exitCode, long left, String told, @TempDir Path folder)
            throws Exception {
        String queue = "signal-" + exitCode;
        publish(queue, "1", "2");
        Path started = folder.resolve("started");
        Path go = folder.resolve("go");
        String command = "touch '" + started + "'; until [ -e '" + go + "' ]; do sleep 0.1; done; exit " + exitCode;
        try (Launcher.Running consume = exec(queue, command)) {
            Launcher.await("the command", () -> Files.exists(started));
            consume.signal("TERM");
            Files.createFile(go);
            assertThat(consume.exitCode()).as(consume.err()).isEqualTo(143);
            assertThat(consume.err()).endsWith("holdfast: stopped by SIGTERM: " + told + "\n");
        }
        assertThat(messages(queue)).isEqualTo(left);
    }
}
