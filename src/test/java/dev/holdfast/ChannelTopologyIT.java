package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Declaring, binding, inspecting, purging and deleting queues and exchanges through a channel. */
class ChannelTopologyIT {
    private static final long SECONDS = 20;

    @BrokerTest
    void declaresBindsUnbindsPurgesAndDeletes(TestBroker broker) {
        Exchange exchange = Exchange.direct(broker.unique("exchange"));
        Queue queue = Queue.of(broker.unique("queue"));
        Binding binding = Binding.of(exchange, "key").toQueue(queue.name());
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Producer producer = connection.producer(
                    p -> p.exchange(exchange).routingKey("key").mandatory(true));
            channel.declare(exchange);
            channel.declare(queue);
            assertThatThrownBy(() -> producer.publish("unbound")).isInstanceOf(UnroutableException.class);

            channel.bind(binding);
            producer.publish("one");
            producer.publish("two");
            assertThat(channel.inspect(queue.name())).isEqualTo(new QueueInfo(queue.name(), 2, 0));
            assertThat(channel.purge(queue.name())).isEqualTo(2);
            assertThat(channel.purge(queue.name())).isZero();

            channel.unbind(binding);
            assertThatThrownBy(() -> producer.publish("unbound again")).isInstanceOf(UnroutableException.class);

            channel.bind(binding);
            producer.publish("three");
            assertThat(channel.deleteQueue(queue.name())).isEqualTo(1);
            assertRefused(404, () -> channel.inspect(queue.name()));
            channel.deleteExchange(exchange.name());
            assertRefused(404, () -> channel.declare(exchange.passive(true)));
        }
    }

    @BrokerTest(needs = Feature.EXCHANGE_BIND)
    void exchangeIsBoundToExchange(TestBroker broker) {
        Exchange source = Exchange.topic(broker.unique("source"));
        Exchange target = Exchange.fanout(broker.unique("target"));
        Queue queue = Queue.of(broker.unique("queue"), target, "");
        Binding binding = Binding.of(source, "audio.#").toExchange(target.name());
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Producer producer = connection.producer(
                    p -> p.exchange(source).routingKey("audio.live.left").mandatory(true));
            channel.declare(queue);
            channel.bind(binding);
            producer.publish("through both");
            assertThat(channel.get(queue.name(), true)).isPresent();

            channel.unbind(binding);
            assertThatThrownBy(() -> producer.publish("x")).isInstanceOf(UnroutableException.class);
        }
    }

    @BrokerTest
    void headersExchangeRoutesByBindingArguments(TestBroker broker) {
        Exchange headers = Exchange.headers(broker.unique("headers"));
        Queue queue = Queue.of(broker.unique("queue"), headers, "")
                .bindingArguments(Map.of("x-match", "all", "kind", "video"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            Producer producer =
                    connection.producer(p -> p.exchange(headers).mandatory(true).header("kind", "video"));
            producer.publish("matching");
            assertThatThrownBy(() -> producer.publish("not matching", p -> p.header("kind", "audio")))
                    .isInstanceOf(UnroutableException.class);
            assertThat(channel.inspect(queue.name()).messageCount()).isEqualTo(1);
        }
    }

    @BrokerTest
    void passiveDeclareCreatesNothing(TestBroker broker) {
        String absent = broker.unique("absent");
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            assertRefused(404, () -> channel.inspect(absent));
            assertRefused(404, () -> channel.declare(Queue.of(absent).passive(true)));
            assertRefused(404, () -> channel.declare(Exchange.direct(absent).passive(true)));

            channel.declare(Queue.of(absent));
            assertThat(channel.declare(Queue.of(absent).passive(true)).name()).isEqualTo(absent);
            assertThat(channel.inspect(absent)).isEqualTo(new QueueInfo(absent, 0, 0));
        }
    }

    @BrokerTest
    void deleteObeysIfUnusedAndIfEmpty(TestBroker broker) {
        Exchange exchange = Exchange.direct(broker.unique("exchange"));
        Queue queue = Queue.of(broker.unique("queue"), exchange, "key");
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            connection.producer().publish("kept", PublishOptions.to(exchange).routingKey("key"));
            assertRefused(406, () -> channel.deleteExchange(exchange.name(), true));
            assertRefused(406, () -> channel.deleteQueue(queue.name(), false, true));

            channel.purge(queue.name());
            String tag = channel.consume(queue.name(), delivery -> {});
            assertRefused(406, () -> channel.deleteQueue(queue.name(), true, false));

            channel.cancel(tag);
            assertThat(channel.deleteQueue(queue.name(), true, true)).isZero();
            channel.deleteExchange(exchange.name(), true);
        }
    }

    @BrokerTest
    void serverNamedQueueReturnsItsName(TestBroker broker) {
        Exchange exchange = Exchange.fanout(broker.unique("fanout"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Queue first = channel.declare(Queue.serverNamed().bound(exchange, ""));
            Queue second = channel.declare(Queue.serverNamed().bound(exchange, ""));
            assertThat(first.name()).isNotEmpty().isNotEqualTo(second.name());
            connection.producer().publish("to both", PublishOptions.to(exchange));
            assertThat(channel.get(first.name(), true)).isPresent();
            assertThat(channel.get(second.name(), true)).isPresent();
        }
    }

    @BrokerTest
    void refusedDeclarationLeavesChannelAndConsumerOpen(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        Exchange exchange = Exchange.direct(broker.unique("exchange"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            channel.declare(exchange);
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(queue.name(), delivery -> {
                channel.ack(delivery);
                deliveries.handle(delivery);
            });

            if (!broker.lacks(Feature.QUEUE_EQUIVALENCE)) {
                assertRefused(406, () -> channel.declare(queue.durable(false)));
            }
            if (!broker.lacks(Feature.EXCHANGE_REFUSED_SOFTLY)) {
                assertRefused(406, () -> channel.declare(Exchange.fanout(exchange.name())));
            }
            assertRefused(404, () -> channel.bind(Binding.of(exchange, "key").toQueue(broker.unique("absent"))));

            assertThat(channel.isOpen()).isTrue();
            connection.producer().publish("still consumed", PublishOptions.to("", queue.name()));
            deliveries.next("still consumed");
        }
    }

    @BrokerTest
    void everyTopologyCallHasAnAsyncVariant(TestBroker broker) throws Exception {
        Exchange exchange = Exchange.direct(broker.unique("exchange"));
        Queue queue = Queue.of(broker.unique("queue"));
        Binding binding = Binding.of(exchange, "key").toQueue(queue.name());
        try (Connection connection = broker.connect();
                Channel channel = connection.channelAsync().get(SECONDS, TimeUnit.SECONDS)) {
            var purged = channel.declareAsync(exchange)
                    .thenCompose(done -> channel.declareAsync(queue))
                    .thenCompose(declared -> channel.bindAsync(binding))
                    .thenCompose(done -> connection
                            .producer()
                            .publishAsync("x", PublishOptions.to(exchange).routingKey("key")))
                    .thenCompose(confirmed -> channel.inspectAsync(queue.name()))
                    .thenCompose(info -> channel.purgeAsync(queue.name()));
            assertThat(purged.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(1);

            var inspected = channel.unbindAsync(binding)
                    .thenCompose(done -> channel.deleteQueueAsync(queue.name(), true, true))
                    .thenCompose(count -> channel.deleteExchangeAsync(exchange.name(), true))
                    .thenCompose(done -> channel.inspectAsync(queue.name()));
            assertThat(inspected)
                    .failsWithin(SECONDS, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(AmqpChannelException.class);
            channel.closeAsync().get(SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Asserts a close of the channel with this reply code. */
    private static void assertRefused(int replyCode, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AmqpChannelException.class,
                        refused -> assertThat(refused.replyCode())
                                .as(refused.getMessage())
                                .isEqualTo(replyCode));
    }
}
