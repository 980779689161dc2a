package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.NodeTest;
import dev.holdfast.testing.TestBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.RabbitNode;
import java.time.Duration;
import java.util.UUID;

/** A consumer resumes under its tag on the next link. Delivery tags of the lost link are invalid. */
class ConsumerRecoveryIT {
    @NodeTest
    void consumerResumesAfterRabbitWasKilled(RabbitNode node) throws Exception {
        assertResumes(node.uri(), Queue.of("recovered-" + UUID.randomUUID()), () -> {
            node.syncMetadata();
            node.restart();
        });
    }

    @BrokerTest
    void consumerResumesAfterTheConnectionWasCut(TestBroker broker) throws Exception {
        try (FaultProxy proxy = FaultProxy.to(broker.port())) {
            assertResumes(proxy.uri(broker.uri()), Queue.of(broker.unique("recovered")), proxy::cutNow);
        }
    }

    private static void assertResumes(String uri, Queue queue, Runnable fault) throws Exception {
        ConnectionOptions options =
                ConnectionOptions.parse(uri).reconnectBackoff(Duration.ofMillis(20), Duration.ofMillis(200));
        try (Connection connection = Connection.open(options)) {
            Channel channel = connection.channel();
            channel.declare(queue);
            DeliveryQueue deliveries = new DeliveryQueue();
            String tag = channel.consume(queue.name(), deliveries);
            Producer producer =
                    connection.producer(p -> p.routingKey(queue.name()).retry());
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
            assertThat(channel.inspect(queue.name()).messageCount()).isZero();
            channel.deleteQueue(queue.name());
        }
    }
}
