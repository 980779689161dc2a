package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** RabbitMQ's quorum queues and streams. Every declaration that the library refuses is refused by RabbitMQ too. */
class QueueTypesIT {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void refusedDeclarationsAreRefusedByTheBrokerToo(TestBroker broker) {
        Queue queue = Queue.of("queue");
        List<String> accepted = new ArrayList<>();
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            for (Queue invalid : List.of(
                    queue.quorum().durable(false),
                    queue.quorum().exclusive(true),
                    queue.quorum().maxPriority(5),
                    queue.quorum().lazy(),
                    queue.quorum().maxAge(MINUTE),
                    queue.quorum().streamMaxSegmentSizeBytes(1000),
                    queue.stream().durable(false),
                    queue.stream().exclusive(true).autoDelete(false),
                    queue.stream().autoDelete(true),
                    queue.stream().maxPriority(5),
                    queue.stream().lazy(),
                    queue.stream().expires(MINUTE),
                    queue.stream().messageTtl(MINUTE),
                    queue.stream().maxLength(5),
                    queue.stream().rejectPublishWhenFull(),
                    queue.stream().deadLetterExchange("dead"),
                    queue.stream().deadLetterExchange("dead").deadLetterRoutingKey("k"),
                    queue.stream().deadLetterStrategy("at-most-once"),
                    queue.stream().singleActiveConsumer(),
                    queue.stream().deliveryLimit(5))) {
                assertThatIllegalArgumentException().as("%s", invalid).isThrownBy(() -> channel.declare(invalid));
                Queue raw = Queue.of(broker.unique("raw"))
                        .arguments(invalid.arguments())
                        .durable(invalid.durable())
                        .exclusive(invalid.exclusive())
                        .autoDelete(invalid.autoDelete());
                try {
                    channel.declare(raw);
                    accepted.add(invalid.toString());
                } catch (AmqpException refused) {
                    assertThat(refused).isInstanceOf(AmqpChannelException.class);
                }
            }
        }
        assertThat(accepted)
                .as("accepted by the broker, refused by the library")
                .isEmpty();
    }

    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void quorumQueueAcceptsItsArguments(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("quorum"))
                .quorum()
                .quorumInitialGroupSize(1)
                .leaderLocator("client-local")
                .deliveryLimit(5)
                .deadLetterExchange("amq.fanout")
                .deadLetterStrategy("at-least-once")
                .rejectPublishWhenFull()
                .maxLength(100)
                .messageTtl(MINUTE);
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue, Exchange.direct(broker.unique("e")).alternateExchange("amq.fanout"));
            connection.producer().publish("x", PublishOptions.to("", queue.name()));
            assertThat(channel.purge(queue)).isEqualTo(1);
            channel.bindTo(queue, Exchange.topic("amq.topic"), "k");
            channel.unbindFrom(queue, Exchange.topic("amq.topic"), "k");
            assertThat(channel.delete(queue, false, false)).isZero();
            assertThatThrownBy(() -> channel.inspect(queue.name())).isInstanceOf(AmqpChannelException.class);
        }
    }

    /** RabbitMQ 4 limits to 20 by default. RabbitMQ 3 has no limit by default and does not know -1. */
    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void deliveryLimitOfMinusOneIsNoLimit(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("unlimited")).quorum().deliveryLimit(-1);
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            if (connection.info().serverVersion().startsWith("3.")) {
                return;
            }
            connection.producer().publish("x", PublishOptions.to("", queue.name()));
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(queue.name(), deliveries);
            for (int i = 0; i < 25; i++) {
                channel.reject(deliveries.next("x"), true);
            }
            channel.ack(deliveries.next("x"));
        }
    }

    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void streamIsReadFromItsStart(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("stream")).stream()
                .maxAge(Duration.ofHours(1))
                .maxLengthBytes(10_000_000)
                .streamMaxSegmentSizeBytes(1_000_000);
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            connection
                    .producer()
                    .publish("kept", p -> p.routingKey(queue.name()).declare(queue));
            for (ConsumeOptions options : List.of(
                    ConsumeOptions.of(queue).streamOffset("first"),
                    ConsumeOptions.of(queue).streamOffset(0),
                    ConsumeOptions.of(queue).streamOffset("1h"),
                    ConsumeOptions.of(queue).streamOffset(Instant.EPOCH))) {
                DeliveryQueue deliveries = new DeliveryQueue();
                String tag = channel.consume(queue.name(), options, delivery -> {
                    deliveries.handle(delivery);
                    channel.ack(delivery);
                });
                deliveries.next("kept");
                channel.cancel(tag);
            }
            channel.deleteQueue(queue.name());
        }
    }
}
