package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.RabbitNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A consumer resumes under its tag on the next link. Delivery tags of the lost link are invalid. */
class ConsumerRecoveryIT {
    private static final Queue QUEUE = Queue.of("recovered");

    @Test
    void consumerResumesAfterRabbitWasKilled() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start()) {
            assertResumes(node.uri(), () -> {
                node.syncMetadata();
                node.restart();
            });
        }
    }

    @Test
    void consumerResumesAfterTheConnectionWasCut() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FaultProxy proxy = FaultProxy.to(broker.port())) {
            assertResumes(proxy.uri(broker.uri()), proxy::cutNow);
        }
    }

    private static void assertResumes(String uri, Runnable fault) throws Exception {
        ConnectionOptions options =
                ConnectionOptions.parse(uri).reconnectBackoff(Duration.ofMillis(20), Duration.ofMillis(200));
        try (Connection connection = Connection.open(options)) {
            Channel channel = connection.channel();
            channel.declare(QUEUE);
            DeliveryQueue deliveries = new DeliveryQueue();
            String tag = channel.consume(QUEUE.name(), deliveries);
            Producer producer =
                    connection.producer(p -> p.routingKey(QUEUE.name()).retry());
            producer.publish("one");
            Delivery stale = deliveries.next("one");
            fault.run();

            Delivery redelivered = deliveries.next("one");
            assertThat(redelivered.redelivered()).isTrue();
            assertThat(redelivered.consumerTag()).isEqualTo(tag);
            assertThatThrownBy(() -> channel.ack(stale))
                    .isInstanceOf(AmqpChannelException.class)
                    .hasMessageContaining("lost link");
            channel.ack(redelivered);
            producer.publish("two");
            channel.ack(deliveries.next("two"));
            channel.cancel(tag);
            assertThat(channel.inspect(QUEUE.name()).messageCount()).isZero();
        }
    }
}
