package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.DirectMemory;
import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.RabbitNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A broker with a memory alarm reads nothing more: publishers wait, time out with its reason, and go on when it is over. */
@Tag("load")
@Timeout(300)
class MemoryAlarmIT {
    private static final Queue QUEUE = Queue.of("alarm");
    private static final long BOUND = 4 << 20;
    private static final byte[] BODY = new byte[4096];

    @Test
    void blockedPublishesTimeOutWithTheReasonAndResumeAfterTheAlarm() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start()) {
            long before = DirectMemory.used();
            ConnectionOptions options = ConnectionOptions.parse(node.uri())
                    .maxUnconfirmedBytes(BOUND)
                    .confirmTimeout(Duration.ofMinutes(2));
            Connection connection = Connection.open(options);
            Connection closedMeanwhile = Connection.open(options);
            connection.channel().declare(QUEUE);
            PublishOptions patient = PublishOptions.to("", QUEUE.name());
            CompletableFuture<Integer> load = load(connection.producer(), patient);
            node.ctl("set_vm_memory_high_watermark", "0.0001");
            try {
                assertToldTheReason(connection.producer(), patient);
                assertToldTheReason(closedMeanwhile.producer(), patient);
                assertThat(DirectMemory.used()).isLessThan(before + 2 * BOUND);
                closedMeanwhile.closeAsync(Duration.ofSeconds(1)).get(20, TimeUnit.SECONDS);
                assertThat(load).as("a publisher that waits").isNotDone();
            } finally {
                node.ctl("set_vm_memory_high_watermark", "0.4");
            }
            int published = load.get(120, TimeUnit.SECONDS);
            connection.close();
            try (Connection reader = Connection.open(node.uri())) {
                long arrived = reader.channel().inspect(QUEUE.name()).messageCount();
                assertThat(arrived).isGreaterThanOrEqualTo(published);
            }
        }
    }

    /** More than fits into any buffer between here and the broker; done when all of it is confirmed. */
    private static CompletableFuture<Integer> load(Producer producer, PublishOptions options) {
        return CompletableFuture.supplyAsync(() -> {
            int messages = 50_000;
            List<CompletableFuture<Confirmation>> confirms = new ArrayList<>();
            for (int i = 0; i < messages; i++) {
                confirms.add(producer.publishAsync(BODY, options));
            }
            CompletableFuture.allOf(confirms.toArray(CompletableFuture[]::new)).join();
            return messages;
        });
    }

    /** The broker tells it at the first publish after the alarm; that one may still be waiting for its confirm. */
    private static void assertToldTheReason(Producer producer, PublishOptions patient) throws Exception {
        PublishOptions hasty = patient.timeout(Duration.ofMillis(500));
        Await.until("the broker's reason", () -> {
            PublishException failure =
                    catchThrowableOfType(PublishException.class, () -> producer.publish(BODY, hasty));
            return failure != null && String.valueOf(failure.getMessage()).contains("blocked by broker: low on memory");
        });
    }
}
