package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.PublishOutcomes;
import dev.holdfast.testing.TestBroker;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;

/** Outcomes of publishes, and the messages that arrive. */
class ProducerIT {
    private static final long SECONDS = 60;

    @BrokerTest
    void everyMessageIsConfirmed(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            PublishOptions toQueue = PublishOptions.to("", queue.name());
            List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                publishes.add(connection.producer().publishAsync("message " + i, toQueue));
            }
            PublishOutcomes.assertConfirmed(publishes);
            assertThat(channel.inspect(queue.name()).messageCount()).isEqualTo(5_000);
        }
    }

    @BrokerTest
    void onlyUnroutableMessagesFailAsUnroutable(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        String unbound = broker.unique("unbound");
        List<CompletableFuture<Confirmation>> routable = new ArrayList<>();
        List<CompletableFuture<Confirmation>> unroutable = new ArrayList<>();
        BlockingQueue<ReturnedMessage> returned = new LinkedBlockingQueue<>();
        try (Connection connection = Connection.open(broker.options().onReturn(returned::add));
                Channel channel = connection.channel()) {
            channel.declare(queue);
            Producer producer = connection.producer(p -> p.mandatory(true));
            for (int i = 0; i < 3_000; i++) {
                boolean isRoutable = i % 3 != 0 && i % 7 != 0;
                // Every second body is the same: the body of a returned message does not identify its publish.
                String body = i % 2 == 0 ? "same" : "message " + i;
                (isRoutable ? routable : unroutable)
                        .add(producer.publishAsync(body, p -> p.routingKey(isRoutable ? queue.name() : unbound)));
            }
            PublishOutcomes.assertConfirmed(routable);
            assertThat(unroutable)
                    .map(PublishOutcomes::failure)
                    .allSatisfy(failure -> assertThat(failure)
                            .isInstanceOfSatisfying(UnroutableException.class, unroutableFailure -> {
                                assertThat(unroutableFailure.replyCode()).isEqualTo(312);
                                assertThat(unroutableFailure.routingKey()).isEqualTo(unbound);
                            }));
            assertThat(channel.inspect(queue.name()).messageCount()).isEqualTo(routable.size());
            for (int i = 0; i < unroutable.size(); i++) {
                assertThat(returned.poll(SECONDS, TimeUnit.SECONDS))
                        .as("returned message %s", i)
                        .isNotNull();
            }
        }
    }

    @BrokerTest
    void unroutableMessageIsConfirmedWithoutMandatory(TestBroker broker) {
        try (Connection connection = broker.connect()) {
            assertThat(connection
                            .producer()
                            .publish("x", PublishOptions.to("", broker.unique("unbound")))
                            .attempts())
                    .isEqualTo(1);
        }
    }

    @BrokerTest
    void missingEntitiesAreDeclaredAndOrderIsKept(TestBroker broker) throws Exception {
        Exchange exchange = Exchange.direct(broker.unique("exchange"));
        Queue queue = Queue.of(broker.unique("queue"), exchange, "key");
        PublishOptions declaring =
                PublishOptions.to(exchange).routingKey("key").mandatory(true).declare(queue);
        PublishOptions plain = declaring.declare(List.of());
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            for (int round = 0; round < 2; round++) {
                List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
                for (int i = 0; i < 2_000; i++) {
                    publishes.add(connection.producer().publishAsync("" + i, i % 5 == 0 ? declaring : plain));
                }
                PublishOutcomes.assertConfirmed(publishes);
                assertThat(DeliveryQueue.getAll(channel, queue.name()))
                        .isEqualTo(IntStream.range(0, 2_000)
                                .mapToObj(String::valueOf)
                                .toList());
                channel.deleteQueue(queue.name());
                channel.deleteExchange(exchange.name());
            }
        }
    }

    @BrokerTest
    void publishStartsFromTheDefaultsOfTheProducer(TestBroker broker) {
        Exchange exchange = Exchange.direct(broker.unique("exchange"));
        Queue queue = Queue.of(broker.unique("queue"), exchange, "key");
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Producer producer = connection.producer(
                    p -> p.exchange(exchange).routingKey("key").declare(queue).header("from", "defaults"));
            producer.publish("with defaults");
            producer.publish("changed", p -> p.deliveryMode(1).header("own", 1));
            producer.publish("other options", PublishOptions.to("", queue.name()));

            Delivery first = channel.get(queue.name(), true).orElseThrow();
            assertThat(first.exchange()).isEqualTo(exchange.name());
            assertThat(first.properties().deliveryMode()).isEqualTo(2);
            assertThat(first.properties().headers()).isEqualTo(Map.of("from", "defaults"));
            Delivery second = channel.get(queue.name(), true).orElseThrow();
            assertThat(second.properties().deliveryMode()).isEqualTo(1);
            assertThat(second.properties().headers()).isEqualTo(Map.of("from", "defaults", "own", 1));
            Delivery third = channel.get(queue.name(), true).orElseThrow();
            assertThat(third.exchange()).isEmpty();
            assertThat(third.properties().headers()).isNull();
            assertThat(producer.defaults().properties().headers()).isEqualTo(Map.of("from", "defaults"));

            producer.publish("anon", p -> p.exchange("").routingKey(queue.name()));
            assertThat(channel.get(queue.name(), true).orElseThrow().exchange()).isEmpty();
        }
    }

    @BrokerTest
    void everyPropertyArrives(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        Duration expiration = broker.lacks(Feature.EXPIRATION) ? null : Duration.ofMinutes(5);
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Map<String, Object> headers = Map.of(
                "text",
                "grün",
                "int",
                7,
                "long",
                1L << 40,
                "double",
                0.5,
                "true",
                true,
                "bytes",
                "raw".getBytes(UTF_8),
                "when",
                now,
                "list",
                List.of(1, "two", false),
                "table",
                Map.of("inner", Map.of("deep", -1)));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            connection
                    .producer()
                    .publish(
                            "x",
                            p -> p.routingKey(queue.name())
                                    .declare(queue)
                                    .contentType("text/x")
                                    .contentEncoding("utf-8")
                                    .headers(headers)
                                    .deliveryMode(1)
                                    .priority(3)
                                    .correlationId("correlation")
                                    .replyTo("reply")
                                    .expiration(expiration)
                                    .messageId("message")
                                    .timestamp(now.plusMillis(700))
                                    .type("type")
                                    .userId("guest")
                                    .appId("app")
                                    .clusterId("cluster"));
            MessageProperties properties =
                    channel.get(queue.name(), true).orElseThrow().properties();
            assertThat(properties.headers())
                    .usingRecursiveComparison()
                    .ignoringCollectionOrder()
                    .isEqualTo(headers);
            assertThat(properties.headers(null))
                    .isEqualTo(MessageProperties.EMPTY
                            .contentType("text/x")
                            .contentEncoding("utf-8")
                            .deliveryMode(1)
                            .priority(3)
                            .correlationId("correlation")
                            .replyTo("reply")
                            .expiration(expiration == null ? null : "300000")
                            .messageId("message")
                            .timestamp(now)
                            .type("type")
                            .userId("guest")
                            .appId("app")
                            .reserved("cluster"));
        }
    }

    @BrokerTest
    void publishCopiesItsArguments(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            Map<String, Object> headers = new HashMap<>(Map.of("key", "before"));
            PublishOptions toQueue = PublishOptions.to("", queue.name()).headers(headers);
            String before = toQueue.toString();
            byte[] body = new byte[1000];
            List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Arrays.fill(body, (byte) i);
                publishes.add(connection.producer().publishAsync(body, toQueue));
                assertThat(body).containsOnly((byte) i);
            }
            Arrays.fill(body, (byte) -1);
            headers.put("key", "after");
            PublishOutcomes.assertConfirmed(publishes);
            for (int i = 0; i < 200; i++) {
                Delivery delivery = channel.get(queue.name(), true).orElseThrow();
                assertThat(delivery.body()).hasSize(1000).containsOnly((byte) i);
                assertThat(delivery.properties().headers()).isEqualTo(Map.of("key", "before"));
            }
            assertThat(headers).isEqualTo(Map.of("key", "after"));
            assertThat(toQueue.toString()).isEqualTo(before);
        }
    }

    @BrokerTest
    void bodiesOfEverySizeArrive(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            int payload = 131_072 - 8;
            for (int size : new int[] {0, 1, payload - 1, payload, payload + 1, 1 << 20, 15 << 20}) {
                byte[] body = new byte[size];
                new Random(size).nextBytes(body);
                connection
                        .producer()
                        .publish(body, p -> p.routingKey(queue.name()).declare(queue));
                assertThat(Arrays.equals(
                                channel.get(queue.name(), true).orElseThrow().body(), body))
                        .as("%s bytes", size)
                        .isTrue();
            }
        }
    }

    @BrokerTest
    void queueThatAnotherClientDeletedIsDeclaredAgain(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Connection other = broker.connect();
                Channel channel = other.channel()) {
            Producer producer = connection.producer(p -> p.routingKey(queue.name())
                    .declare(queue)
                    .mandatory(true)
                    .retry(RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO)));
            producer.publish("before");
            channel.deleteQueue(queue.name());

            assertThat(producer.publish("after").attempts()).isEqualTo(2);
            assertThat(DeliveryQueue.getAll(channel, queue.name())).containsExactly("after");
        }
    }

    @BrokerTest
    void publishWithoutConfirmsCompletesWhenWrittenAndReportsReturns(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        BlockingQueue<ReturnedMessage> returned = new LinkedBlockingQueue<>();
        ConnectionOptions options = broker.options().confirms(false).onReturn(returned::add);
        try (Connection connection = Connection.open(options);
                Channel channel = connection.channel()) {
            Producer producer = connection.producer(p -> p.mandatory(true));
            for (int i = 0; i < 100; i++) {
                String body = "" + i;
                producer.publish(body, p -> p.routingKey(queue.name()).declare(queue));
            }
            Await.until(
                    "all messages are in the queue",
                    () -> channel.inspect(queue.name()).messageCount() == 100);
            assertThat(returned).isEmpty();

            Confirmation written = producer.publish("unroutable", p -> p.routingKey(broker.unique("unbound")));
            assertThat(written.attempts()).isEqualTo(1);
            ReturnedMessage message = returned.poll(SECONDS, TimeUnit.SECONDS);
            assertThat(message.replyCode()).isEqualTo(312);
            assertThat(new String(message.body(), UTF_8)).isEqualTo("unroutable");
        }
    }

    @Tag("load")
    @BrokerTest
    void orderOfEachThreadIsKept(TestBroker broker) throws Exception {
        int threads = 8;
        int messagesPerThread = 5_000;
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            Producer producer = connection.producer();
            PublishOptions toQueue = PublishOptions.to("", queue.name());
            List<CompletableFuture<Void>> publishers = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                String prefix = thread + " ";
                publishers.add(CompletableFuture.runAsync(
                        () -> publishAll(producer, toQueue, prefix, messagesPerThread),
                        task -> new Thread(task).start()));
            }
            int[] nextNumber = new int[threads];
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(queue.name(), ConsumeOptions.defaults().noAck(true), deliveries);
            for (int i = 0; i < threads * messagesPerThread; i++) {
                String[] parts = DeliveryQueue.text(deliveries.next()).split(" ", -1);
                assertThat(Integer.parseInt(parts[1])).isEqualTo(nextNumber[Integer.parseInt(parts[0])]++);
            }
            for (CompletableFuture<Void> publisher : publishers) {
                publisher.get(SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    private static void publishAll(Producer producer, PublishOptions toQueue, String prefix, int count) {
        List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            publishes.add(producer.publishAsync(prefix + i, toQueue));
        }
        publishes.forEach(CompletableFuture::join);
    }

    @BrokerTest
    void cancelledFutureAffectsNoOther(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            PublishOptions toQueue = PublishOptions.to("", queue.name());
            List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                CompletableFuture<Confirmation> publish = connection.producer().publishAsync("" + i, toQueue);
                if (i % 2 == 0) {
                    boolean cancelled = publish.cancel(false);
                    assertThat(publish.isCancelled()).isEqualTo(cancelled);
                } else {
                    publishes.add(publish);
                }
            }
            PublishOutcomes.assertConfirmed(publishes);
            connection.producer().publish("last", toQueue);
        }
    }
}
