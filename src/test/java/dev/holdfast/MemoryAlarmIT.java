package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.DirectMemory;
import dev.holdfast.testing.NodeTest;
import dev.holdfast.testkit.RabbitNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * A broker with a memory alarm reads no more from publishers. Publishes wait, time out with the reason of
 * connection.blocked, and resume when the alarm ends.
 */
@Tag("load")
@Timeout(300)
class MemoryAlarmIT {
    private static final long MAX_UNCONFIRMED_BYTES = 4 << 20;
    private static final byte[] BODY = new byte[4096];

    @NodeTest
    void blockedPublishesTimeOutWithTheReasonAndResumeAfterTheAlarm(RabbitNode node) throws Exception {
        Queue queue = Queue.of("alarm-" + UUID.randomUUID());
        long before = DirectMemory.used();
        ConnectionOptions options = ConnectionOptions.parse(node.uri())
                .maxUnconfirmedBytes(MAX_UNCONFIRMED_BYTES)
                .confirmTimeout(Duration.ofMinutes(2));
        Connection connection = Connection.open(options);
        Connection closedDuringAlarm = Connection.open(options);
        connection.channel().declare(queue);
        PublishOptions toQueue = PublishOptions.to("", queue.name());
        CompletableFuture<Integer> load;
        node.ctl("set_vm_memory_high_watermark", "0.0001");
        try {
            load = load(connection.producer(), toQueue);
            assertTimesOutWithTheReason(connection.producer(), toQueue);
            assertTimesOutWithTheReason(closedDuringAlarm.producer(), toQueue);
            assertThat(DirectMemory.used()).isLessThan(before + 2 * MAX_UNCONFIRMED_BYTES);
            closedDuringAlarm.closeAsync(Duration.ofSeconds(1)).get(20, TimeUnit.SECONDS);
            assertThat(load).as("a publisher that the alarm blocks").isNotDone();
        } finally {
            node.ctl("set_vm_memory_high_watermark", "0.4");
        }
        int published = load.get(120, TimeUnit.SECONDS);
        connection.close();
        try (Connection reader = Connection.open(node.uri())) {
            long messageCount = reader.channel().inspect(queue.name()).messageCount();
            assertThat(messageCount).isGreaterThanOrEqualTo(published);
            reader.channel().deleteQueue(queue.name());
        }
    }

    /** Publishes more than all buffers up to the broker hold; completes when every publish is confirmed. */
    private static CompletableFuture<Integer> load(Producer producer, PublishOptions options) {
        return CompletableFuture.supplyAsync(() -> {
            int messages = 10_000;
            List<CompletableFuture<Confirmation>> confirms = new ArrayList<>();
            for (int i = 0; i < messages; i++) {
                confirms.add(producer.publishAsync(BODY, options));
            }
            CompletableFuture.allOf(confirms.toArray(CompletableFuture[]::new)).join();
            return messages;
        });
    }

    /**
     * The broker sends connection.blocked at the first publish after the alarm, which may time out without the
     * reason.
     */
    private static void assertTimesOutWithTheReason(Producer producer, PublishOptions options) throws Exception {
        PublishOptions shortTimeout = options.timeout(Duration.ofMillis(500));
        Await.until("a publish that fails with the broker's reason", () -> {
            PublishException failure =
                    catchThrowableOfType(PublishException.class, () -> producer.publish(BODY, shortTimeout));
            return failure != null && String.valueOf(failure.getMessage()).contains("blocked by broker: low on memory");
        });
    }
}
