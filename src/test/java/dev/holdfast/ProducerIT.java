package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.Feature;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;

/** The outcomes of publishes, and what arrives of them. */
class ProducerIT {
    private static final long SECONDS = 60;

    @BrokerTest
    void everyMessageIsConfirmed(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            PublishOptions there = PublishOptions.to("", queue.name());
            List<CompletableFuture<Confirmation>> all = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                all.add(connection.producer().publishAsync("message " + i, there));
            }
            for (CompletableFuture<Confirmation> one : all) {
                assertThat(one.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(Confirmation.ONE);
            }
            assertThat(channel.inspect(queue.name()).messageCount()).isEqualTo(5_000);
        }
    }

    @BrokerTest
    void onlyUnroutableMessagesFailAsUnroutable(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        String nobody = broker.unique("nobody");
        List<Boolean> routable = new ArrayList<>();
        List<CompletableFuture<Confirmation>> all = new ArrayList<>();
        BlockingQueue<ReturnedMessage> heard = new LinkedBlockingQueue<>();
        try (Connection connection = Connection.open(broker.options().onReturn(heard::add));
                Channel channel = connection.channel()) {
            channel.declare(queue);
            Producer producer = connection.producer(p -> p.mandatory(true));
            for (int i = 0; i < 3_000; i++) {
                boolean has = i % 3 != 0 && i % 7 != 0;
                // Every second body is like the others: a return does not say which of them it is.
                String body = i % 2 == 0 ? "same" : "message " + i;
                routable.add(has);
                all.add(producer.publishAsync(body, p -> p.routingKey(has ? queue.name() : nobody)));
            }
            for (int i = 0; i < all.size(); i++) {
                CompletableFuture<Confirmation> one = all.get(i);
                if (routable.get(i)) {
                    assertThat(one.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(Confirmation.ONE);
                } else {
                    assertThatThrownBy(() -> one.get(SECONDS, TimeUnit.SECONDS))
                            .as("message %s", i)
                            .cause()
                            .isInstanceOfSatisfying(UnroutableException.class, back -> {
                                assertThat(back.replyCode()).isEqualTo(312);
                                assertThat(back.routingKey()).isEqualTo(nobody);
                            });
                }
            }
            long arrived = routable.stream().filter(has -> has).count();
            assertThat(channel.inspect(queue.name()).messageCount()).isEqualTo(arrived);
            for (long i = arrived; i < all.size(); i++) {
                assertThat(heard.poll(SECONDS, TimeUnit.SECONDS))
                        .as("onReturn hears of every return")
                        .isNotNull();
            }
        }
    }

    @BrokerTest
    void unroutableMessageIsConfirmedWithoutMandatory(TestBroker broker) {
        try (Connection connection = broker.connect()) {
            assertThat(connection
                            .producer()
                            .publish("x", PublishOptions.to("", broker.unique("nobody")))
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
                List<CompletableFuture<Confirmation>> all = new ArrayList<>();
                for (int i = 0; i < 2_000; i++) {
                    all.add(connection.producer().publishAsync("" + i, i % 5 == 0 ? declaring : plain));
                }
                for (CompletableFuture<Confirmation> one : all) {
                    assertThat(one.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(Confirmation.ONE);
                }
                for (int i = 0; i < 2_000; i++) {
                    assertThat(text(channel.get(queue.name(), true).orElseThrow()))
                            .isEqualTo("" + i);
                }
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
            producer.publish("instead", PublishOptions.to("", queue.name()));

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
            MessageProperties got =
                    channel.get(queue.name(), true).orElseThrow().properties();
            assertThat(got.headers())
                    .usingRecursiveComparison()
                    .ignoringCollectionOrder()
                    .isEqualTo(headers);
            assertThat(got.headers(null))
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
            PublishOptions there = PublishOptions.to("", queue.name()).headers(headers);
            String described = there.toString();
            byte[] body = new byte[1000];
            List<CompletableFuture<Confirmation>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Arrays.fill(body, (byte) i);
                all.add(connection.producer().publishAsync(body, there));
                assertThat(body).containsOnly((byte) i);
            }
            Arrays.fill(body, (byte) -1);
            headers.put("key", "after");
            for (CompletableFuture<Confirmation> one : all) {
                one.get(SECONDS, TimeUnit.SECONDS);
            }
            for (int i = 0; i < 200; i++) {
                Delivery delivery = channel.get(queue.name(), true).orElseThrow();
                assertThat(delivery.body()).hasSize(1000).containsOnly((byte) i);
                assertThat(delivery.properties().headers()).isEqualTo(Map.of("key", "before"));
            }
            assertThat(headers).isEqualTo(Map.of("key", "after"));
            assertThat(there.toString()).isEqualTo(described);
        }
    }

    @BrokerTest
    void bodiesOfEverySizeArrive(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            int payload = 131_072 - 8;
            for (int size : new int[] {0, 1, payload - 1, payload, payload + 1, 1 << 20, 20 << 20}) {
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
            Await.until("all arrived", () -> channel.inspect(queue.name()).messageCount() == 100);
            assertThat(returned).isEmpty();

            Confirmation written = producer.publish("lost", p -> p.routingKey(broker.unique("nobody")));
            assertThat(written.attempts()).isEqualTo(1);
            ReturnedMessage back = returned.poll(SECONDS, TimeUnit.SECONDS);
            assertThat(back.replyCode()).isEqualTo(312);
            assertThat(new String(back.body(), UTF_8)).isEqualTo("lost");
        }
    }

    @Tag("load")
    @BrokerTest
    void orderOfEachThreadIsKept(TestBroker broker) throws Exception {
        int threads = 8;
        int each = 5_000;
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            Producer producer = connection.producer();
            PublishOptions there = PublishOptions.to("", queue.name());
            List<CompletableFuture<Void>> done = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                String name = t + " ";
                done.add(CompletableFuture.runAsync(
                        () -> publishAll(producer, there, name, each), task -> new Thread(task).start()));
            }
            int[] next = new int[threads];
            BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();
            channel.consume(queue.name(), ConsumeOptions.defaults().noAck(true), got::add);
            for (int i = 0; i < threads * each; i++) {
                Delivery delivery = got.poll(SECONDS, TimeUnit.SECONDS);
                assertThat(delivery).as("message %s", i).isNotNull();
                String[] parts = text(delivery).split(" ", -1);
                assertThat(Integer.parseInt(parts[1])).isEqualTo(next[Integer.parseInt(parts[0])]++);
            }
            for (CompletableFuture<Void> one : done) {
                one.get(SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    private static void publishAll(Producer producer, PublishOptions there, String name, int count) {
        List<CompletableFuture<Confirmation>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(producer.publishAsync(name + i, there));
        }
        all.forEach(CompletableFuture::join);
    }

    @BrokerTest
    void cancelledFutureAffectsNoOther(TestBroker broker)
            throws ExecutionException, InterruptedException, TimeoutException {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            PublishOptions there = PublishOptions.to("", queue.name());
            List<CompletableFuture<Confirmation>> all = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                CompletableFuture<Confirmation> one = connection.producer().publishAsync("" + i, there);
                if (i % 2 == 0) {
                    boolean wasOpen = one.cancel(false);
                    assertThat(one.isCancelled()).isEqualTo(wasOpen);
                } else {
                    all.add(one);
                }
            }
            for (CompletableFuture<Confirmation> one : all) {
                assertThat(one.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(Confirmation.ONE);
            }
            connection.producer().publish("last", there);
        }
    }

    private static String text(Delivery delivery) {
        return new String(delivery.body(), UTF_8);
    }
}
