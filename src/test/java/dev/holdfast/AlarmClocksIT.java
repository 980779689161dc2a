package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testing.Await;
import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.RabbitNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An alarm that lasts longer than every time limit: each publish with a retry policy arrives once, and no link is given
 * up. The alarm lasts {@code holdfast.alarm.seconds}, 4 by default. The broker is a node that the test starts or, if
 * {@code holdfast.alarm.ctl} is the command line of its rabbitmqctl, the one that {@code HOLDFAST_TEST_URI} names.
 */
@Tag("load")
@Timeout(1800)
class AlarmClocksIT {
    private static final Duration ALARM = Duration.ofSeconds(Integer.getInteger("holdfast.alarm.seconds", 4));
    private static final String CTL = System.getProperty("holdfast.alarm.ctl", "");
    private static final int PUBLISHES = 50;
    private static RabbitNode node;

    private final String queue = "alarm-" + UUID.randomUUID();

    @BeforeAll
    static void start() {
        assumeTrue(!CTL.isEmpty() || Brokers.requireRabbit());
        node = CTL.isEmpty() ? RabbitNode.start() : null;
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    private static ConnectionOptions options() {
        return ConnectionOptions.parse(node == null ? System.getenv("HOLDFAST_TEST_URI") : node.uri());
    }

    private static void ctl(String... arguments) throws Exception {
        if (node != null) {
            node.ctl(arguments);
            return;
        }
        List<String> command = new ArrayList<>(List.of(CTL.split(" ")));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as("%s", command).isZero();
    }

    /** Sets the alarm, and returns when the broker blocks publishers. */
    private static void raiseAlarm() throws Exception {
        ctl("set_vm_memory_high_watermark", "0.0001");
        try (Connection probe = Connection.open(options())) {
            PublishOptions nowhere = PublishOptions.to("", "no such queue").timeout(Duration.ofMillis(200));
            Await.until("the alarm", () -> {
                Throwable unused = catchThrowable(() -> probe.producer().publish("probe", nowhere));
                return !probe.statistics().blocked().isZero();
            });
            probe.close(Duration.ZERO);
        }
    }

    private static void clearAlarm() throws Exception {
        ctl("set_vm_memory_high_watermark", "0.4");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void publishesWithAPolicyArriveOnceAndNoLinkIsGivenUp(boolean brief) throws Exception {
        Duration limit = Duration.ofMillis(500);
        ConnectionOptions options = brief ? options().confirmTimeout(limit).rpcTimeout(limit) : options();
        try (Connection connection = Connection.open(options)) {
            connection.channel().declare(Queue.of(queue));
            raiseAlarm();
            CompletableFuture<List<CompletableFuture<Confirmation>>> publishing;
            try {
                publishing = CompletableFuture.supplyAsync(() -> publishAll(connection));
                Await.until("blocked", () -> !connection.statistics().blocked().isZero());
                LockSupport.parkNanos(ALARM.toNanos()); // the length of the alarm is the subject
            } finally {
                clearAlarm();
            }
            for (CompletableFuture<Confirmation> publish : publishing.get(60, TimeUnit.SECONDS)) {
                assertThat(publish.get(60, TimeUnit.SECONDS).attempts()).isEqualTo(1);
            }
            assertThat(connection.statistics().blocked()).isGreaterThan(ALARM);
            assertThat(connection.statistics().connects()).as("links").isEqualTo(1);
            assertThat(connection.channel().inspect(queue).messageCount()).isEqualTo(PUBLISHES);
            connection.channel().deleteQueue(queue);
        }
    }

    private List<CompletableFuture<Confirmation>> publishAll(Connection connection) {
        Producer producer = connection.producer();
        List<CompletableFuture<Confirmation>> all = new ArrayList<>();
        for (int i = 0; i < PUBLISHES; i++) {
            all.add(producer.publishAsync(
                    "message " + i, PublishOptions.to("", queue).retry()));
        }
        return all;
    }

    @Test
    void callOnABlockedConnectionFailsAlone() throws Exception {
        try (Connection connection = Connection.open(options().rpcTimeout(Duration.ofSeconds(1)))) {
            Channel channel = connection.channel();
            channel.declare(Queue.of(queue));
            raiseAlarm();
            CompletableFuture<Confirmation> neighbour;
            try {
                neighbour = connection.producer().publishAsync("neighbour", PublishOptions.to("", queue));
                Await.until("blocked", () -> !connection.statistics().blocked().isZero());
                for (int i = 0; i < 3; i++) {
                    assertThat(catchThrowable(() -> channel.inspect(queue)))
                            .isInstanceOf(AmqpTimeoutException.class)
                            .hasMessageContaining("connection blocked by broker");
                }
                assertThat(neighbour).isNotDone();
            } finally {
                clearAlarm();
            }
            neighbour.get(60, TimeUnit.SECONDS);
            assertThat(connection.statistics().connects()).as("links").isEqualTo(1);
            assertThat(channel.inspect(queue).messageCount()).isEqualTo(1);
            channel.deleteQueue(queue);
        }
    }
}
