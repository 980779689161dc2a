package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Asks every broker for what it is said to lack: the list is measured, not remembered. */
class BrokerFeaturesIT {
    @BrokerTest
    void exchangesAreBoundToExchangesUnlessLacking(TestBroker broker) {
        Exchange from = Exchange.fanout(broker.unique("from"));
        Exchange to = Exchange.fanout(broker.unique("to"));
        assertThat(does(broker, channel -> {
                    channel.declare(from);
                    channel.declare(to);
                    channel.bind(Binding.of(from, "").toExchange(to.name()));
                }))
                .isEqualTo(!broker.lacks(Feature.EXCHANGE_BIND));
    }

    @BrokerTest
    void queueArgumentsAreAcceptedUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue")).expires(Duration.ofMinutes(1));
        assertThat(does(broker, channel -> channel.declare(queue))).isEqualTo(!broker.lacks(Feature.QUEUE_ARGUMENTS));
    }

    @BrokerTest
    void anonExchangeRoutesToAQueueNamedLikeAnExchangeUnlessLacking(TestBroker broker) {
        String name = broker.unique("namesake");
        boolean arrived = does(broker, channel -> {
            Queue queue = channel.declare(Queue.of(name, Exchange.direct(name), name));
            publish(channel, queue, p -> p);
            assertThat(channel.get(name, true)).isPresent();
        });
        assertThat(arrived).isEqualTo(!broker.lacks(Feature.ANON_EXCHANGE_FOR_NAMESAKES));
    }

    @BrokerTest
    void deletedQueueCancelsItsConsumerUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean told = does(broker, channel -> {
            CompletableFuture<String> cancelled = new CompletableFuture<>();
            channel.declare(queue);
            channel.consume(queue.name(), new Recording(cancelled));
            assertThat(channel.deleteQueue(queue.name())).isZero();
            assertThat(cancelled).succeedsWithin(Duration.ofSeconds(2));
        });
        assertThat(told).isEqualTo(!broker.lacks(Feature.CONSUMER_CANCEL_NOTIFY));
    }

    @BrokerTest
    void inequivalentQueueIsRefusedUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean taken = does(broker, channel -> {
            channel.declare(queue);
            channel.declare(queue.durable(false));
        });
        assertThat(taken).isEqualTo(broker.lacks(Feature.QUEUE_EQUIVALENCE));
    }

    @BrokerTest
    void rejectedMessagesAreDiscardedUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean discarded = does(broker, channel -> {
            channel.declare(queue);
            publish(channel, queue, p -> p);
            channel.reject(channel.get(queue.name(), false).orElseThrow(), false);
            assertThat(channel.get(queue.name(), false)).isEmpty();
            publish(channel, queue, p -> p);
            channel.nack(channel.get(queue.name(), false).orElseThrow(), false);
            assertThat(channel.get(queue.name(), false)).isEmpty();
        });
        assertThat(discarded).isEqualTo(!broker.lacks(Feature.DISCARD));
    }

    @BrokerTest
    void inequivalentExchangeLeavesTheConnectionOpenUnlessLacking(TestBroker broker) {
        String name = broker.unique("exchange");
        boolean soft = does(broker, channel -> {
            channel.declare(Exchange.direct(name));
            assertThatThrownBy(() -> channel.declare(Exchange.fanout(name))).isInstanceOf(AmqpChannelException.class);
            assertThat(channel.isOpen()).isTrue();
        });
        assertThat(soft).isEqualTo(!broker.lacks(Feature.EXCHANGE_REFUSED_SOFTLY));
    }

    @BrokerTest
    void expirationIsATimeToLiveUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean lives = does(broker, channel -> {
            channel.declare(queue);
            publish(channel, queue, p -> p.expiration(Duration.ofMinutes(5)));
            assertThat(channel.get(queue.name(), true)).isPresent();
        });
        assertThat(lives).isEqualTo(!broker.lacks(Feature.EXPIRATION));
    }

    @BrokerTest
    void nackMultipleRequeuesAllMessagesUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean both = does(broker, channel -> {
            channel.declare(queue);
            publish(channel, queue, p -> p);
            publish(channel, queue, p -> p);
            assertThat(channel.get(queue.name(), false)).isPresent();
            channel.nackMultiple(channel.get(queue.name(), false).orElseThrow(), true);
            assertThat(channel.get(queue.name(), false)).isPresent();
            assertThat(channel.get(queue.name(), false)).isPresent();
        });
        assertThat(both).isEqualTo(!broker.lacks(Feature.NACK_MULTIPLE));
    }

    private static void publish(Channel channel, Queue queue, UnaryOperator<PublishOptions> options) {
        Producer producer = new Producer(channel, p -> p.routingKey(queue.name()));
        assertThat(producer.publish("x", options).attempts()).isEqualTo(1);
    }

    private record Recording(CompletableFuture<String> cancelledTag) implements DeliveryHandler {
        @Override
        public void handle(Delivery delivery) {}

        @Override
        public void cancelled(String consumerTag) {
            cancelledTag.complete(consumerTag);
        }
    }

    private static boolean does(TestBroker broker, Consumer<Channel> probe) {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            probe.accept(channel);
            return true;
        } catch (AmqpException | AssertionError e) {
            return false;
        }
    }
}
