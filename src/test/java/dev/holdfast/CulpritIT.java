package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.RabbitNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * 2,000 good publishes around a bad one, {@code -Dculprit.publishes} for more: the bad one fails with its own reason; of the
 * others those with a policy arrive, those without arrive or are UNKNOWN; and nothing loops.
 */
class CulpritIT {
    private static final int PUBLISHES = Integer.getInteger("culprit.publishes", 2000);
    private static final int MAX_MESSAGE = 100_000;
    private static final RetryPolicy RETRY = RetryPolicy.linear(
                    Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(100))
            .maxRetries(10);

    /** A bad publish that goes again and again if it is let, and one that ends the connection each time, is sent twice. */
    private static final int MOST_LINKS = 3;

    private static @Nullable EmbeddedBroker embedded;
    private static @Nullable RabbitNode rabbit;

    enum Kind {
        BROKER_J {
            @Override
            int port() {
                embedded = embedded == null
                        ? EmbeddedBroker.start(
                                Map.of("qpid.max_message_size", "" + MAX_MESSAGE, "qpid.broker_msg_auth", "true"))
                        : embedded;
                return embedded.port();
            }
        },
        RABBITMQ {
            @Override
            int port() {
                assumeTrue(Brokers.requireRabbit());
                rabbit = rabbit == null ? RabbitNode.start("max_message_size = " + MAX_MESSAGE) : rabbit;
                return rabbit.port();
            }
        };

        abstract int port();
    }

    @AfterAll
    static void stopBrokers() {
        if (embedded != null) {
            embedded.close();
            embedded = null;
        }
        if (rabbit != null) {
            rabbit.close();
            rabbit = null;
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneToAMissingExchange(Kind broker) throws Exception {
        assertCulprit(broker, 1, p -> p.exchange("missing"), refused(404, "missing"));
    }

    @ParameterizedTest
    @EnumSource
    void oneOverTheSizeLimit(Kind broker) throws Exception {
        int code = broker == Kind.RABBITMQ ? 406 : 311;
        assertCulprit(broker, MAX_MESSAGE + 1, p -> p, refused(code, String.valueOf(MAX_MESSAGE + 1)));
    }

    /** Broker-J closes the whole connection for it, and names no method. */
    @ParameterizedTest
    @EnumSource
    void oneWithAWrongUserId(Kind broker) throws Exception {
        assertCulprit(
                broker,
                1,
                p -> p.userId("somebody"),
                broker == Kind.RABBITMQ
                        ? refused(406, "somebody")
                        : failure -> {
                            assertThat(failure)
                                    .isInstanceOf(AmqpConnectionException.class)
                                    .hasMessageContaining("somebody");
                            assertThat(((AmqpConnectionException) failure).replyCode())
                                    .isEqualTo(403);
                        });
    }

    /** RabbitMQ is never sent it; Broker-J knows it, and gives back what no consumer waits for. */
    @ParameterizedTest
    @EnumSource
    void oneImmediate(Kind broker) throws Exception {
        assertCulprit(broker, 1, p -> p.immediate(true), failure -> {
            if (broker == Kind.RABBITMQ) {
                assertThat(failure).isInstanceOf(PublishException.class).hasMessageContaining("immediate");
                assertThat(((PublishException) failure).delivery()).isEqualTo(DeliveryStatus.NOT_SENT);
            } else {
                assertThat(failure).isInstanceOf(UnroutableException.class);
                assertThat(((UnroutableException) failure).replyCode()).isEqualTo(313);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void oneThatDeclaresAnUnknownExchangeType(Kind broker) throws Exception {
        assertCulprit(broker, 1, p -> p.declare(Exchange.of("odd", "odd")), declareEnded(503, "exchange.declare"));
    }

    /** RabbitMQ takes no notice of arguments that it does not know. */
    @ParameterizedTest
    @EnumSource(names = "BROKER_J")
    void oneThatDeclaresAnUnknownArgument(Kind broker) throws Exception {
        Queue odd = Queue.of("odd").arguments(Map.of("x-odd", 1));
        assertCulprit(broker, 1, p -> p.declare(odd), declareEnded(542, "queue.declare"));
    }

    /** RabbitMQ closes the channel for it, and calls that worth another try. */
    @ParameterizedTest
    @EnumSource
    void oneThatDeclaresAForeignExclusiveQueue(Kind broker) throws Exception {
        try (Connection owner = Connection.open("amqp://guest:guest@127.0.0.1:" + broker.port() + "/");
                Channel channel = owner.channel()) {
            channel.declare(Queue.of("foreign").durable(false).exclusive(true));
            Queue foreign = Queue.of("foreign").durable(false);
            if (broker == Kind.RABBITMQ) {
                assertCulprit(broker, 1, p -> p.declare(foreign), failure -> {
                    assertThat(failure)
                            .isInstanceOf(RetriesExhaustedException.class)
                            .hasMessageContaining("405");
                    assertThat(((RetriesExhaustedException) failure).delivery()).isEqualTo(DeliveryStatus.NOT_SENT);
                });
            } else {
                assertCulprit(broker, 1, p -> p.declare(foreign), declareEnded(530, "queue.declare"));
            }
        }
    }

    /** RabbitMQ says that a CC that is no list is wrong, but not whose: it is found one at a time. */
    @ParameterizedTest
    @EnumSource(names = "RABBITMQ")
    void oneThatTheBrokersWordsDoNotName(Kind broker) throws Exception {
        assertCulprit(broker, 1, p -> p.header("CC", "no list"), refused(406, "basic.publish"));
    }

    private static Consumer<Throwable> refused(int code, String word) {
        return failure -> {
            assertThat(failure).isInstanceOf(AmqpChannelException.class).hasMessageContaining(word);
            assertThat(((AmqpChannelException) failure).replyCode()).isEqualTo(code);
        };
    }

    private static Consumer<Throwable> declareEnded(int code, String method) {
        return failure -> {
            assertThat(failure)
                    .isInstanceOf(PublishException.class)
                    .hasMessageContaining(" " + code + " ")
                    .hasMessageContaining(method)
                    .hasCauseInstanceOf(AmqpConnectionException.class);
            assertThat(((PublishException) failure).delivery()).isEqualTo(DeliveryStatus.NOT_SENT);
        };
    }

    private static void assertCulprit(
            Kind broker, int size, UnaryOperator<PublishOptions> badly, Consumer<Throwable> reason) throws Exception {
        Queue queue = Queue.of("neighbours-" + UUID.randomUUID());
        try (FaultProxy proxy = FaultProxy.to(broker.port());
                Connection connection = Connection.open("amqp://guest:guest@127.0.0.1:" + proxy.port() + "/");
                Connection reader = Connection.open("amqp://guest:guest@127.0.0.1:" + broker.port() + "/")) {
            Channel channel = reader.channel();
            channel.declare(queue);
            Producer producer = connection.producer(p -> p.routingKey(queue.name()));
            Map<String, CompletableFuture<Confirmation>> good = new LinkedHashMap<>();
            CompletableFuture<Confirmation> bad = new CompletableFuture<>();
            for (int i = 0; i < PUBLISHES; i++) {
                if (i == PUBLISHES / 2) {
                    bad = producer.publishAsync(new byte[size], p -> badly.apply(p.retry(RETRY)));
                }
                String body = (i % 2 == 0 ? "retried " : "plain ") + i;
                RetryPolicy policy = i % 2 == 0 ? RETRY : RetryPolicy.none();
                good.put(body, producer.publishAsync(body, p -> p.retry(policy)));
            }
            reason.accept(failure(bad));

            Set<String> confirmed = new HashSet<>();
            for (Map.Entry<String, CompletableFuture<Confirmation>> each : good.entrySet()) {
                Throwable failure = failure(each.getValue());
                if (failure == null) {
                    confirmed.add(each.getKey());
                } else {
                    assertThat(each.getKey()).as(String.valueOf(failure)).startsWith("plain");
                    assertThat(failure).isInstanceOf(PublishException.class);
                    assertThat(((PublishException) failure).delivery()).isEqualTo(DeliveryStatus.UNKNOWN);
                }
            }
            assertThat(arrived(channel, queue)).containsAll(confirmed);
            assertThat(producer.publish("afterwards").attempts()).isEqualTo(1);
            assertThat(proxy.acceptedConnections()).as("connections").isLessThanOrEqualTo(MOST_LINKS);
            channel.deleteQueue(queue.name());
        }
    }

    private static Set<String> arrived(Channel channel, Queue queue) {
        Set<String> arrived = new HashSet<>();
        Optional<dev.holdfast.Delivery> next = channel.get(queue.name(), true);
        while (next.isPresent()) {
            arrived.add(new String(next.get().body(), UTF_8));
            next = channel.get(queue.name(), true);
        }
        return arrived;
    }

    private static @Nullable Throwable failure(CompletableFuture<Confirmation> publish) {
        Throwable thrown = catchThrowable(() -> publish.get(60, TimeUnit.SECONDS));
        assertThat(thrown == null || thrown instanceof ExecutionException)
                .as("an outcome in time: " + thrown)
                .isTrue();
        return thrown == null ? null : thrown.getCause();
    }
}
