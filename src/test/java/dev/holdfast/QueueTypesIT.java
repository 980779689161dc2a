package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** RabbitMQ's queue types, and that what we refuse of them RabbitMQ refuses too. */
class QueueTypesIT {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void refusedDeclarationsAreRefusedByTheBrokerToo(TestBroker broker) {
        Queue q = Queue.of("q");
        List<String> taken = new ArrayList<>();
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            for (Queue bad : List.of(
                    q.quorum().durable(false),
                    q.quorum().exclusive(true),
                    q.quorum().maxPriority(5),
                    q.quorum().lazy(),
                    q.quorum().maxAge(MINUTE),
                    q.quorum().streamMaxSegmentSizeBytes(1000),
                    q.stream().durable(false),
                    q.stream().exclusive(true).autoDelete(false),
                    q.stream().autoDelete(true),
                    q.stream().maxPriority(5),
                    q.stream().lazy(),
                    q.stream().expires(MINUTE),
                    q.stream().messageTtl(MINUTE),
                    q.stream().maxLength(5),
                    q.stream().rejectPublishWhenFull(),
                    q.stream().deadLetterExchange("dead"),
                    q.stream().deadLetterExchange("dead").deadLetterRoutingKey("k"),
                    q.stream().deadLetterStrategy("at-most-once"),
                    q.stream().singleActiveConsumer(),
                    q.stream().deliveryLimit(5))) {
                assertThatIllegalArgumentException().as("%s", bad).isThrownBy(() -> channel.declare(bad));
                Queue raw = Queue.of(broker.unique("raw"))
                        .arguments(bad.arguments())
                        .durable(bad.durable())
                        .exclusive(bad.exclusive())
                        .autoDelete(bad.autoDelete());
                try {
                    channel.declare(raw);
                    taken.add(bad.toString());
                } catch (AmqpException refused) {
                    assertThat(refused).isInstanceOf(AmqpChannelException.class);
                }
            }
        }
        assertThat(taken).as("taken by the broker, refused by us").isEmpty();
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
                BlockingQueue<String> got = new LinkedBlockingQueue<>();
                String tag = channel.consume(queue.name(), options, delivery -> {
                    got.add(new String(delivery.body(), UTF_8));
                    channel.ack(delivery);
                });
                assertThat(got.poll(20, TimeUnit.SECONDS)).as("%s", options).isEqualTo("kept");
                channel.cancel(tag);
            }
            channel.deleteQueue(queue.name());
        }
    }
}
