package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.RabbitNode;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Consumers outlive their connections; delivery tags do not. */
class ConsumersReturnIT {
    private static final Queue QUEUE = Queue.of("returning");

    @Test
    void comeBackAfterRabbitWasKilled() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start()) {
            assertComesBack(node.uri(), node::restart);
        }
    }

    @Test
    void comeBackAfterTheConnectionWasCut() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FaultProxy proxy = FaultProxy.to(broker.port())) {
            assertComesBack(proxy.uri(broker.uri()), proxy::cutNow);
        }
    }

    private static void assertComesBack(String uri, Runnable fault) throws Exception {
        ConnectionOptions options =
                ConnectionOptions.parse(uri).reconnectBackoff(Duration.ofMillis(20), Duration.ofMillis(200));
        try (Connection connection = Connection.open(options)) {
            Channel channel = connection.channel();
            channel.declare(QUEUE);
            BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
            String tag = channel.consume(QUEUE.name(), deliveries::add);
            Producer producer =
                    connection.producer(p -> p.routingKey(QUEUE.name()).retry());
            producer.publish("one");
            Delivery old = next(deliveries, "one");
            fault.run();

            Delivery again = next(deliveries, "one");
            assertThat(again.redelivered()).isTrue();
            assertThat(again.consumerTag()).isEqualTo(tag);
            assertThatThrownBy(() -> channel.ack(old))
                    .isInstanceOf(AmqpChannelException.class)
                    .hasMessageContaining("lost link");
            channel.ack(again);
            producer.publish("two");
            channel.ack(next(deliveries, "two"));
            channel.cancel(tag);
            assertThat(channel.inspect(QUEUE.name()).messageCount()).isZero();
        }
    }

    private static Delivery next(BlockingQueue<Delivery> deliveries, String body) throws InterruptedException {
        Delivery delivery = deliveries.poll(60, TimeUnit.SECONDS);
        assertThat(delivery).as("delivery of " + body).isNotNull();
        assertThat(new String(delivery.body(), UTF_8)).isEqualTo(body);
        return delivery;
    }
}
