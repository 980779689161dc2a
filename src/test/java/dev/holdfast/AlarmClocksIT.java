package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.NodeTest;
import dev.holdfast.testkit.RabbitNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * An alarm that lasts longer than every time limit: each publish with a retry policy arrives once, and no link is given
 * up. The alarm lasts {@code holdfast.alarm.seconds}, 4 by default.
 */
@Tag("load")
@Timeout(1800)
class AlarmClocksIT {
    private static final Duration ALARM = Duration.ofSeconds(Integer.getInteger("holdfast.alarm.seconds", 4));
    private static final int PUBLISHES = 50;

    private final String queue = "alarm-" + UUID.randomUUID();

    /** Sets the alarm, and returns when the broker blocks publishers. */
    private static void raiseAlarm(RabbitNode node) throws Exception {
        node.ctl("set_vm_memory_high_watermark", "0.0001");
        try (Connection probe = Connection.open(node.uri())) {
            PublishOptions nowhere = PublishOptions.to("", "no such queue").timeout(Duration.ofMillis(200));
            Await.until("the alarm", () -> {
                Throwable unused = catchThrowable(() -> probe.producer().publish("probe", nowhere));
                return !probe.statistics().blocked().isZero();
            });
            probe.close(Duration.ZERO);
        }
    }

    private static void clearAlarm(RabbitNode node) {
        node.ctl("set_vm_memory_high_watermark", "0.4");
    }

    @NodeTest
    void publishesWithAPolicyArriveOnceAndNoLinkIsGivenUp(RabbitNode node) throws Exception {
        publishDuringAnAlarm(node, ConnectionOptions.parse(node.uri()));
    }

    @NodeTest
    void publishesWithAPolicyArriveOnceWithShortTimeouts(RabbitNode node) throws Exception {
        Duration limit = Duration.ofMillis(500);
        publishDuringAnAlarm(
                node, ConnectionOptions.parse(node.uri()).confirmTimeout(limit).rpcTimeout(limit));
    }

    private void publishDuringAnAlarm(RabbitNode node, ConnectionOptions options) throws Exception {
        try (Connection connection = Connection.open(options)) {
            connection.channel().declare(Queue.of(queue));
            raiseAlarm(node);
            CompletableFuture<List<CompletableFuture<Confirmation>>> publishing;
            try {
                publishing = CompletableFuture.supplyAsync(() -> publishAll(connection));
                Await.until("blocked", () -> !connection.statistics().blocked().isZero());
                LockSupport.parkNanos(ALARM.toNanos()); // the length of the alarm is the subject
            } finally {
                clearAlarm(node);
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

    @NodeTest
    void callOnABlockedConnectionFailsAlone(RabbitNode node) throws Exception {
        ConnectionOptions options = ConnectionOptions.parse(node.uri()).rpcTimeout(Duration.ofSeconds(1));
        try (Connection connection = Connection.open(options)) {
            Channel channel = connection.channel();
            channel.declare(Queue.of(queue));
            raiseAlarm(node);
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
                clearAlarm(node);
            }
            neighbour.get(60, TimeUnit.SECONDS);
            assertThat(connection.statistics().connects()).as("links").isEqualTo(1);
            assertThat(channel.inspect(queue).messageCount()).isEqualTo(1);
            channel.deleteQueue(queue);
        }
    }
}
