package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Tries every {@link Feature} at every broker: the list of features that a broker lacks is neither too long nor too
 * short.
 */
class BrokerFeaturesIT {
    @BrokerTest
    void exchangesAreBoundToExchangesUnlessLacking(TestBroker broker) {
        Exchange from = Exchange.fanout(broker.unique("from"));
        Exchange to = Exchange.fanout(broker.unique("to"));
        assertThat(supports(broker, channel -> {
                    channel.declare(from);
                    channel.declare(to);
                    channel.bind(Binding.of(from, "").toExchange(to.name()));
                }))
                .isEqualTo(!broker.lacks(Feature.EXCHANGE_BIND));
    }

    @BrokerTest
    void queueArgumentsAreAcceptedUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue")).expires(Duration.ofMinutes(1));
        assertThat(supports(broker, channel -> channel.declare(queue)))
                .isEqualTo(!broker.lacks(Feature.QUEUE_ARGUMENTS));
    }

    @BrokerTest
    void anonExchangeRoutesToAQueueNamedLikeAnExchangeUnlessLacking(TestBroker broker) {
        String name = broker.unique("namesake");
        boolean arrived = supports(broker, channel -> {
            Queue queue = channel.declare(Queue.of(name, Exchange.direct(name), name));
            publish(channel, queue, p -> p);
            assertThat(channel.get(name, true)).isPresent();
        });
        assertThat(arrived).isEqualTo(!broker.lacks(Feature.ANON_EXCHANGE_FOR_NAMESAKES));
    }

    @BrokerTest
    void deletedQueueCancelsItsConsumerUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean cancels = supports(broker, channel -> {
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.declare(queue);
            channel.consume(queue.name(), deliveries);
            assertThat(channel.deleteQueue(queue.name())).isZero();
            // Where no basic.cancel is expected, its absence is observed for 2 s.
            assertThat(deliveries.cancelledTag())
                    .succeedsWithin(Duration.ofSeconds(broker.lacks(Feature.CONSUMER_CANCEL_NOTIFY) ? 2 : 30));
        });
        assertThat(cancels).isEqualTo(!broker.lacks(Feature.CONSUMER_CANCEL_NOTIFY));
    }

    @BrokerTest
    void inequivalentQueueIsRefusedUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean accepted = supports(broker, channel -> {
            channel.declare(queue);
            channel.declare(queue.durable(false));
        });
        assertThat(accepted).isEqualTo(broker.lacks(Feature.QUEUE_EQUIVALENCE));
    }

    @BrokerTest
    void rejectedMessagesAreDiscardedUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean discarded = supports(broker, channel -> {
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
        boolean staysOpen = supports(broker, channel -> {
            channel.declare(Exchange.direct(name));
            assertThatThrownBy(() -> channel.declare(Exchange.fanout(name))).isInstanceOf(AmqpChannelException.class);
            assertThat(channel.isOpen()).isTrue();
        });
        assertThat(staysOpen).isEqualTo(!broker.lacks(Feature.EXCHANGE_REFUSED_SOFTLY));
    }

    @BrokerTest
    void expirationIsATimeToLiveUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean keeps = supports(broker, channel -> {
            channel.declare(queue);
            publish(channel, queue, p -> p.expiration(Duration.ofMinutes(5)));
            assertThat(channel.get(queue.name(), true)).isPresent();
        });
        assertThat(keeps).isEqualTo(!broker.lacks(Feature.EXPIRATION));
    }

    @BrokerTest
    void nackMultipleRequeuesAllMessagesUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        boolean requeues = supports(broker, channel -> {
            channel.declare(queue);
            publish(channel, queue, p -> p);
            publish(channel, queue, p -> p);
            assertThat(channel.get(queue.name(), false)).isPresent();
            channel.nackMultiple(channel.get(queue.name(), false).orElseThrow(), true);
            assertThat(channel.get(queue.name(), false)).isPresent();
            assertThat(channel.get(queue.name(), false)).isPresent();
        });
        assertThat(requeues).isEqualTo(!broker.lacks(Feature.NACK_MULTIPLE));
    }

    private static void publish(Channel channel, Queue queue, UnaryOperator<PublishOptions> options) {
        Producer producer = new Producer(channel, p -> p.routingKey(queue.name()));
        assertThat(producer.publish("x", options).attempts()).isEqualTo(1);
    }

    /** Whether the calls and assertions of the probe succeed. */
    private static boolean supports(TestBroker broker, Consumer<Channel> probe) {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            probe.accept(channel);
            return true;
        } catch (AmqpException | AssertionError e) {
            return false;
        }
    }
}
