package dev.holdfast;

import static dev.holdfast.testing.TestBroker.MAX_MESSAGE_SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.PublishOutcomes;
import dev.holdfast.testing.TestBroker;
import dev.holdfast.testkit.FaultProxy;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Publishes 2,000 good messages around a bad one ({@code -Dholdfast.attribution.publishes} sets the number). The
 * bad publish fails with the broker's reason. Good publishes with a retry policy arrive; those without one arrive
 * or fail as UNKNOWN. The number of connections stays bounded.
 */
class FaultAttributionIT {
    private static final int PUBLISHES = Integer.getInteger("holdfast.attribution.publishes", 2000);
    private static final RetryPolicy RETRY = RetryPolicy.linear(
                    Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(100))
            .maxRetries(10);

    /** A bad publish that ends its connection is sent at most twice, so the third connection stays open. */
    private static final int MAX_CONNECTIONS = 3;

    @BrokerTest
    void missingExchangeFailsOnlyItsPublish(TestBroker broker) throws Exception {
        assertFailsAlone(broker, 1, p -> p.exchange("missing"), refused(404, "missing"));
    }

    @BrokerTest(needs = Feature.MESSAGE_SIZE_LIMIT)
    void messageOverTheSizeLimitFailsAlone(TestBroker broker) throws Exception {
        int code = broker.isRabbit() ? 406 : 311;
        assertFailsAlone(broker, MAX_MESSAGE_SIZE + 1, p -> p, refused(code, String.valueOf(MAX_MESSAGE_SIZE + 1)));
    }

    /** Broker-J closes the connection, and its close names no method. */
    @BrokerTest
    void wrongUserIdFailsOnlyItsPublish(TestBroker broker) throws Exception {
        assertFailsAlone(
                broker,
                1,
                p -> p.userId("not-guest"),
                broker.isRabbit()
                        ? refused(406, "not-guest")
                        : failure -> {
                            assertThat(failure)
                                    .isInstanceOf(AmqpConnectionException.class)
                                    .hasMessageContaining("not-guest");
                            assertThat(((AmqpConnectionException) failure).replyCode())
                                    .isEqualTo(403);
                        });
    }

    /** RabbitMQ does not implement it, so the client refuses. Broker-J returns a message that no consumer waits for. */
    @BrokerTest
    void immediateFailsOnlyItsPublish(TestBroker broker) throws Exception {
        assertFailsAlone(broker, 1, p -> p.immediate(true), failure -> {
            if (broker.isRabbit()) {
                assertThat(failure).isInstanceOf(PublishException.class).hasMessageContaining("immediate");
                assertThat(((PublishException) failure).delivery()).isEqualTo(DeliveryStatus.NOT_SENT);
            } else {
                assertThat(failure).isInstanceOf(UnroutableException.class);
                assertThat(((UnroutableException) failure).replyCode()).isEqualTo(313);
            }
        });
    }

    @BrokerTest
    void unknownExchangeTypeFailsOnlyItsPublish(TestBroker broker) throws Exception {
        boolean softly = !broker.lacks(Feature.UNKNOWN_EXCHANGE_TYPE_REFUSED_SOFTLY);
        assertFailsAlone(
                broker,
                1,
                p -> p.declare(Exchange.of("unknown", "unknown")),
                softly
                        ? declareFailed(406, "exchange.declare", AmqpChannelException.class)
                        : declareFailed(503, "exchange.declare", AmqpConnectionException.class));
    }

    @BrokerTest(needs = Feature.UNKNOWN_ARGUMENTS_REFUSED)
    void unknownQueueArgumentFailsOnlyItsPublish(TestBroker broker) throws Exception {
        Queue unknown = Queue.of("unknown").arguments(Map.of("x-unknown", 1));
        assertFailsAlone(
                broker, 1, p -> p.declare(unknown), declareFailed(542, "queue.declare", AmqpConnectionException.class));
    }

    /** RabbitMQ closes the channel with 405 RESOURCE_LOCKED, which is recoverable. Broker-J closes the connection. */
    @BrokerTest
    void exclusiveQueueOfAnotherConnectionFailsOnlyItsPublish(TestBroker broker) throws Exception {
        Queue foreign = Queue.of(broker.unique("foreign")).durable(false);
        try (Connection owner = broker.connect();
                Channel channel = owner.channel()) {
            channel.declare(foreign.exclusive(true));
            if (broker.isRabbit()) {
                assertFailsAlone(broker, 1, p -> p.declare(foreign), failure -> {
                    assertThat(failure)
                            .isInstanceOf(RetriesExhaustedException.class)
                            .hasMessageContaining("405");
                    assertThat(((RetriesExhaustedException) failure).delivery()).isEqualTo(DeliveryStatus.NOT_SENT);
                });
            } else {
                assertFailsAlone(
                        broker,
                        1,
                        p -> p.declare(foreign),
                        declareFailed(530, "queue.declare", AmqpConnectionException.class));
            }
        }
    }

    /**
     * RabbitMQ rejects a CC header that is not a list, without naming the message: publishes are resent one at a
     * time.
     */
    @BrokerTest(needs = Feature.CC)
    void closeReasonWithoutANameFailsOnlyItsPublish(TestBroker broker) throws Exception {
        assertFailsAlone(broker, 1, p -> p.header("CC", "no list"), refused(406, "basic.publish"));
    }

    private static Consumer<Throwable> refused(int code, String word) {
        return failure -> {
            assertThat(failure).isInstanceOf(AmqpChannelException.class).hasMessageContaining(word);
            assertThat(((AmqpChannelException) failure).replyCode()).isEqualTo(code);
        };
    }

    private static Consumer<Throwable> declareFailed(int code, String method, Class<? extends AmqpException> cause) {
        return failure -> {
            assertThat(failure)
                    .isInstanceOf(PublishException.class)
                    .hasMessageContaining(" " + code + " ")
                    .hasMessageContaining(method)
                    .hasCauseInstanceOf(cause);
            assertThat(((PublishException) failure).delivery()).isEqualTo(DeliveryStatus.NOT_SENT);
        };
    }

    private static void assertFailsAlone(
            TestBroker broker, int size, UnaryOperator<PublishOptions> badOptions, Consumer<Throwable> reason)
            throws Exception {
        Queue queue = Queue.of(broker.unique("neighbours"));
        try (FaultProxy proxy = FaultProxy.to(broker.port());
                Connection connection = Connection.open(proxy.uri(broker.uri()));
                Connection reader = broker.connect()) {
            Channel channel = reader.channel();
            channel.declare(queue);
            Producer producer = connection.producer(p -> p.routingKey(queue.name()));
            Map<String, CompletableFuture<Confirmation>> good = new LinkedHashMap<>();
            CompletableFuture<Confirmation> bad = new CompletableFuture<>();
            for (int i = 0; i < PUBLISHES; i++) {
                if (i == PUBLISHES / 2) {
                    bad = producer.publishAsync(new byte[size], p -> badOptions.apply(p.retry(RETRY)));
                }
                String body = (i % 2 == 0 ? "retried " : "plain ") + i;
                RetryPolicy policy = i % 2 == 0 ? RETRY : RetryPolicy.none();
                good.put(body, producer.publishAsync(body, p -> p.retry(policy)));
            }
            reason.accept(PublishOutcomes.failure(bad));

            Set<String> confirmed = new HashSet<>();
            good.forEach((body, publish) -> {
                Throwable failure = PublishOutcomes.failure(publish);
                if (failure == null) {
                    confirmed.add(body);
                } else {
                    assertThat(body).as("publish that failed with %s", failure).startsWith("plain");
                    assertThat(failure).isInstanceOf(PublishException.class);
                    assertThat(((PublishException) failure).delivery()).isEqualTo(DeliveryStatus.UNKNOWN);
                }
            });
            assertThat(DeliveryQueue.getAll(channel, queue.name())).containsAll(confirmed);
            assertThat(producer.publish("last").attempts()).isEqualTo(1);
            assertThat(proxy.acceptedConnections()).as("connections").isLessThanOrEqualTo(MAX_CONNECTIONS);
        }
    }
}
