package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.NodeTest;
import dev.holdfast.testkit.RabbitNode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A handler that takes longer than the broker's consumer timeout. RabbitMQ 3 closes the channel then, RabbitMQ 4
 * cancels the consumer of a quorum queue.
 */
class ConsumerTimeoutIT {
    private static final int MESSAGES = 5;

    private final List<String> handled = new ArrayList<>();
    private final BlockingQueue<String> settled = new LinkedBlockingQueue<>();
    private final CountDownLatch requeued = new CountDownLatch(1);
    private final CountDownLatch cancelled = new CountDownLatch(1);

    private void handle(Object body, Message message) throws InterruptedException {
        handled.add(String.valueOf(body));
        if (handled.size() == 1) {
            assertThat(requeued.await(60, TimeUnit.SECONDS)).isTrue();
            return;
        }
        message.ack();
        settled.add(String.valueOf(body));
    }

    private static void timeouts(RabbitNode node, String consumerMillis, String tickMillis) {
        node.ctl("eval", "application:set_env(rabbit, consumer_timeout, " + consumerMillis + ").");
        node.ctl("eval", "application:set_env(rabbit, channel_tick_interval, " + tickMillis + ").");
    }

    @NodeTest
    void messagesThatWaitedForTheHandlerAreDroppedAndComeAgain(RabbitNode node) throws Exception {
        Queue queue = Queue.of("timeout-" + UUID.randomUUID()).quorum().argument("x-consumer-timeout", 1000);
        timeouts(node, "1000", "500");
        try (Connection connection = Connection.open(node.uri());
                Consumer consumer = connection
                        .consumer(List.of(queue), o -> o.prefetch(MESSAGES))
                        .callback((body, message) -> handle(body, message))
                        .onCancel(name -> cancelled.countDown());
                Channel admin = connection.channel()) {
            consumer.consume();
            for (int i = 0; i < MESSAGES; i++) {
                connection.producer().publish("m" + i, PublishOptions.to("", queue.name()));
            }
            Await.until(
                    "the broker has the messages again",
                    () -> admin.inspect(queue.name()).messageCount() == MESSAGES);
            requeued.countDown();
            assertThat(cancelled.await(60, TimeUnit.SECONDS)).isTrue();
            timeouts(node, "1800000", "60000");
            Await.until("the consumer starts again", () -> {
                consumer.consume();
                return consumer.consumingFrom(queue.name());
            });
            List<String> again = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                again.add(settled.poll(60, TimeUnit.SECONDS));
            }
            assertThat(again).containsExactlyInAnyOrder("m0", "m1", "m2", "m3", "m4");
            assertThat(handled).hasSize(1 + MESSAGES);
            admin.deleteQueue(queue.name());
        } finally {
            timeouts(node, "1800000", "60000");
        }
    }
}
