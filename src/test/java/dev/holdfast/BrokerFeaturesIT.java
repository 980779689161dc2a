package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
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
        boolean cancels = supportsOnQueue(broker, (channel, queue) -> {
            DeliveryQueue deliveries = DeliveryQueue.consume(channel, queue.name());
            assertThat(channel.deleteQueue(queue.name())).isZero();
            // Where no basic.cancel is expected, its absence is observed for 2 s.
            assertThat(deliveries.cancelledTag())
                    .succeedsWithin(Duration.ofSeconds(broker.lacks(Feature.CONSUMER_CANCEL_NOTIFY) ? 2 : 30));
        });
        assertThat(cancels).isEqualTo(!broker.lacks(Feature.CONSUMER_CANCEL_NOTIFY));
    }

    @BrokerTest
    void inequivalentQueueIsRefusedUnlessLacking(TestBroker broker) {
        boolean accepted = supportsOnQueue(broker, (channel, queue) -> {
            channel.declare(queue.durable(false));
        });
        assertThat(accepted).isEqualTo(broker.lacks(Feature.QUEUE_EQUIVALENCE));
    }

    @BrokerTest
    void rejectedMessagesAreDiscardedUnlessLacking(TestBroker broker) {
        boolean discarded = supportsOnQueue(broker, (channel, queue) -> {
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
        boolean keeps = supportsOnQueue(broker, (channel, queue) -> {
            publish(channel, queue, p -> p.expiration(Duration.ofMinutes(5)));
            assertThat(channel.get(queue.name(), true)).isPresent();
        });
        assertThat(keeps).isEqualTo(!broker.lacks(Feature.EXPIRATION));
    }

    @BrokerTest
    void nackMultipleRequeuesAllMessagesUnlessLacking(TestBroker broker) {
        boolean requeues = supportsOnQueue(broker, (channel, queue) -> {
            publish(channel, queue, p -> p);
            publish(channel, queue, p -> p);
            assertThat(channel.get(queue.name(), false)).isPresent();
            channel.nackMultiple(channel.get(queue.name(), false).orElseThrow(), true);
            assertThat(channel.get(queue.name(), false)).isPresent();
            assertThat(channel.get(queue.name(), false)).isPresent();
        });
        assertThat(requeues).isEqualTo(!broker.lacks(Feature.NACK_MULTIPLE));
    }

    @BrokerTest
    void ccHeaderRoutesUnlessLacking(TestBroker broker) {
        boolean routes = supportsOnQueue(broker, (channel, queue) -> {
            PublishOptions nowhere = PublishOptions.to("", "no such queue").header("CC", List.of(queue.name()));
            new Producer(channel).publish("x", nowhere);
            assertThat(channel.get(queue.name(), true)).isPresent();
        });
        assertThat(routes).isEqualTo(!broker.lacks(Feature.CC));
    }

    @BrokerTest
    void messageOverSixteenMebibytesIsRefusedUnlessLacking(TestBroker broker) {
        boolean accepted = supportsOnQueue(
                broker,
                (channel, queue) -> new Producer(channel, p -> p.routingKey(queue.name()))
                        .publish(new byte[TestBroker.MAX_MESSAGE_SIZE + 1]));
        assertThat(accepted).isEqualTo(broker.lacks(Feature.MESSAGE_SIZE_LIMIT));
    }

    @BrokerTest
    void framesOf4096BytesAreNegotiatedUnlessLacking(TestBroker broker) {
        boolean negotiated;
        try (Connection connection = Connection.open(broker.options().frameMax(4096))) {
            negotiated = connection.isOpen();
        } catch (AmqpException refused) {
            negotiated = false;
        }
        assertThat(negotiated).isEqualTo(!broker.lacks(Feature.SMALL_FRAMES));
    }

    @BrokerTest
    void unknownQueueArgumentIsRefusedUnlessLacking(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue")).arguments(Map.of("x-unknown", 1));
        assertThat(supports(broker, channel -> channel.declare(queue)))
                .isEqualTo(broker.lacks(Feature.UNKNOWN_ARGUMENTS_REFUSED));
    }

    @BrokerTest
    void unknownExchangeTypeLeavesTheConnectionOpenUnlessLacking(TestBroker broker) {
        Exchange exchange = Exchange.of(broker.unique("exchange"), "unknown");
        boolean staysOpen = supports(
                broker,
                channel ->
                        assertThatThrownBy(() -> channel.declare(exchange)).isInstanceOf(AmqpChannelException.class));
        assertThat(staysOpen).isEqualTo(!broker.lacks(Feature.UNKNOWN_EXCHANGE_TYPE_REFUSED_SOFTLY));
    }

    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void quorumQueueHasADeliveryLimitUnlessLacking(TestBroker broker) throws Exception {
        boolean limited = dropsAfterRequeues(broker, queue -> queue, (channel, d) -> channel.reject(d, true));
        assertThat(limited).isEqualTo(!broker.lacks(Feature.DEFAULT_DELIVERY_LIMIT));
    }

    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void nackCountsTowardsTheDeliveryLimitUnlessLacking(TestBroker broker) throws Exception {
        boolean counts = dropsAfterRequeues(broker, queue -> queue.deliveryLimit(3), (ch, d) -> ch.nack(d, true));
        assertThat(counts).isEqualTo(!broker.lacks(Feature.NACK_COUNTS_AS_DELIVERY));
    }

    /** Whether a quorum queue drops a message that a consumer requeues 30 times. */
    private static boolean dropsAfterRequeues(
            TestBroker broker, UnaryOperator<Queue> arguments, BiConsumer<Channel, Delivery> requeue) throws Exception {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Queue dropped = channel.declare(Queue.of(broker.unique("dropped")));
            Queue queue = channel.declare(arguments.apply(Queue.of(broker.unique("quorum"))
                    .quorum()
                    .deadLetterExchange("")
                    .deadLetterRoutingKey(dropped.name())));
            CompletableFuture<Boolean> outcome = new CompletableFuture<>();
            AtomicInteger deliveries = new AtomicInteger();
            channel.consume(queue.name(), delivery -> {
                if (deliveries.incrementAndGet() > 30) {
                    outcome.complete(false);
                } else {
                    requeue.accept(channel, delivery);
                }
            });
            channel.consume(dropped.name(), delivery -> outcome.complete(true));
            publish(channel, queue, p -> p);
            return outcome.get(60, TimeUnit.SECONDS);
        }
    }

    private static void publish(Channel channel, Queue queue, UnaryOperator<PublishOptions> options) {
        Producer producer = new Producer(channel, p -> p.routingKey(queue.name()));
        assertThat(producer.publish("x", options).attempts()).isEqualTo(1);
    }

    /** Whether the probe succeeds on a queue that was just declared. */
    private static boolean supportsOnQueue(TestBroker broker, BiConsumer<Channel, Queue> probe) {
        Queue queue = Queue.of(broker.unique("queue"));
        return supports(broker, channel -> {
            channel.declare(queue);
            probe.accept(channel, queue);
        });
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
