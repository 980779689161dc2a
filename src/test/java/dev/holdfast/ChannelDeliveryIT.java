package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import dev.holdfast.testkit.FaultProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** How messages come out of a queue, and what is said of them. */
class ChannelDeliveryIT {
    private static final long SECONDS = 20;

    @BrokerTest
    void getsOneMessageAtATime(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b", "c");
            Delivery first = channel.get(queue.name(), true).orElseThrow();
            assertThat(text(first)).isEqualTo("a");
            assertThat(first.messageCount()).isEqualTo(2);
            assertThat(first.consumerTag()).isEmpty();
            assertThat(first.exchange()).isEmpty();
            assertThat(first.routingKey()).isEqualTo(queue.name());
            assertThat(first.redelivered()).isFalse();

            Delivery second = channel.get(queue.name(), false).orElseThrow();
            channel.nack(second, true);
            Delivery again = channel.getAsync(queue.name(), false)
                    .get(SECONDS, TimeUnit.SECONDS)
                    .orElseThrow();
            assertThat(text(again)).isEqualTo("b");
            assertThat(again.redelivered()).isTrue();
            channel.ack(again);
            channel.ack(channel.get(queue.name(), false).orElseThrow());
            assertThat(channel.get(queue.name(), false)).isEmpty();
        }
    }

    @BrokerTest
    void consumesInOrderUntilCancelled(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b", "c");
            BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();
            String tag = channel.consume(queue.name(), ConsumeOptions.defaults().consumerTag("mine"), delivery -> {
                channel.ack(delivery);
                got.add(delivery);
            });
            assertThat(tag).isEqualTo("mine");
            assertThat(take(got, 3)).extracting(ChannelDeliveryIT::text).containsExactly("a", "b", "c");
            channel.cancel(tag);
            assertThat(channel.inspect(queue.name()).consumerCount()).isZero();

            fill(connection, queue, "d");
            assertThat(channel.inspect(queue.name()).messageCount()).isEqualTo(1);
            assertThat(got).isEmpty();
            String other = channel.consumeAsync(queue.name(), ConsumeOptions.defaults(), got::add)
                    .get(SECONDS, TimeUnit.SECONDS);
            Delivery last = take(got, 1).get(0);
            assertThat(last.consumerTag()).isEqualTo(other);
            assertThat(last.messageCount()).isEqualTo(-1);
            channel.cancelAsync(other).get(SECONDS, TimeUnit.SECONDS);
        }
    }

    @BrokerTest(needs = Feature.CONSUMER_CANCEL_NOTIFY)
    void tellsAConsumerThatItsQueueIsGone(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            CompletableFuture<String> cancelled = new CompletableFuture<>();
            String tag = channel.consume(queue.name(), new DeliveryHandler() {
                @Override
                public void handle(Delivery delivery) {}

                @Override
                public void cancelled(String consumerTag) {
                    cancelled.complete(consumerTag);
                }
            });
            assertThat(channel.deleteQueue(queue.name())).isZero();
            assertThat(cancelled).succeedsWithin(SECONDS, TimeUnit.SECONDS).isEqualTo(tag);
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @BrokerTest
    void prefetchLimitsWhatIsUnacknowledged(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel();
                Channel other = connection.channel()) {
            fill(connection, queue, "a", "b", "c", "d", "e");
            BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();
            channel.consume(queue.name(), ConsumeOptions.defaults().prefetch(2), got::add);
            Delivery first = take(got, 2).get(0);
            // What another can still get was not sent to the consumer.
            assertThat(drain(other, queue)).containsExactly("c", "d", "e");
            channel.ack(first);
            fill(connection, queue, "f", "g");
            assertThat(text(take(got, 1).get(0))).isEqualTo("f");
            assertThat(drain(other, queue)).containsExactly("g");
            assertThat(got).isEmpty();
        }
    }

    @BrokerTest
    void channelsPrefetchHoldsForItsNextConsumers(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel();
                Channel other = connection.channel()) {
            fill(connection, queue, "a", "b", "c", "d", "e");
            BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();
            channel.prefetch(1);
            channel.consume(queue.name(), got::add);
            take(got, 1);
            assertThat(drain(other, queue)).containsExactly("b", "c", "d", "e");
        }
    }

    private static List<String> drain(Channel channel, Queue queue) {
        return Stream.generate(() -> channel.get(queue.name(), true))
                .takeWhile(Optional::isPresent)
                .map(delivery -> text(delivery.orElseThrow()))
                .toList();
    }

    @BrokerTest
    void settlesOneOrAllBefore(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b", "c", "d", "e", "f");
            BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();
            channel.consume(queue.name(), got::add);
            List<Delivery> all = take(got, 6);
            channel.ackMultiple(all.get(1)); // a, b
            channel.ack(all.get(2)); // c
            channel.ack(all.get(3)); // d
            channel.nack(all.get(4), true); // e comes again
            channel.reject(all.get(5), true); // f comes again
            List<Delivery> again = take(got, 2);
            assertThat(again).extracting(ChannelDeliveryIT::text).containsExactlyInAnyOrder("e", "f");
            assertThat(again).allMatch(Delivery::redelivered);
            channel.ackMultiple(again.get(1));
        }
        assertEmpty(broker, queue);
    }

    @BrokerTest(needs = Feature.NACK_MULTIPLE)
    void refusesAllBefore(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b", "c");
            BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();
            channel.consume(queue.name(), got::add);
            channel.nackMultiple(take(got, 3).get(1), true);
            assertThat(take(got, 2)).extracting(ChannelDeliveryIT::text).containsExactlyInAnyOrder("a", "b");
        }
    }

    @BrokerTest(needs = Feature.DISCARD)
    void discardsWhatIsRefusedForGood(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b", "c", "d");
            channel.reject(channel.get(queue.name(), false).orElseThrow(), false);
            channel.nack(channel.get(queue.name(), false).orElseThrow(), false);
            assertThat(channel.get(queue.name(), false)).isPresent();
            channel.nackMultiple(channel.get(queue.name(), false).orElseThrow(), false);
        }
        assertEmpty(broker, queue);
    }

    /** A connection that is gone has given back whatever it had not settled. */
    private static void assertEmpty(TestBroker broker, Queue queue) {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            assertThat(channel.get(queue.name(), true)).isEmpty();
        }
    }

    @BrokerTest
    void recoversWhatWasNotAcknowledged(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b");
            BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();
            channel.consume(queue.name(), got::add);
            take(got, 2);
            channel.recover(true);
            List<Delivery> again = take(got, 2);
            assertThat(again).extracting(ChannelDeliveryIT::text).containsExactlyInAnyOrder("a", "b");
            assertThat(again).allMatch(Delivery::redelivered);
            channel.recoverAsync(true).get(SECONDS, TimeUnit.SECONDS);
            assertThat(take(got, 2)).hasSize(2);
        }
    }

    @BrokerTest
    void deliversOffTheConnectionsThreadAndOnTheUsersExecutor(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a");
            CompletableFuture<Long> blocking = new CompletableFuture<>();
            channel.consume(queue.name(), delivery -> {
                assertThat(connection.inEventLoop()).isFalse();
                channel.ack(delivery);
                blocking.complete(channel.inspect(queue.name()).messageCount());
            });
            assertThat(blocking.get(SECONDS, TimeUnit.SECONDS)).isZero();
        }
        Thread[] chosen = new Thread[1];
        ConnectionOptions options = broker.options().deliveryExecutor(task -> {
            chosen[0] = new Thread(task, "chosen by the user");
            chosen[0].start();
        });
        try (Connection connection = Connection.open(options);
                Channel channel = connection.channel()) {
            fill(connection, queue, "b");
            CompletableFuture<String> name = new CompletableFuture<>();
            channel.consume(
                    queue.name(),
                    delivery -> name.complete(Thread.currentThread().getName()));
            assertThat(name.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("chosen by the user");
        }
    }

    @BrokerTest
    void refusesToWaitOnTheConnectionsThread(TestBroker broker) throws Exception {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Producer producer = connection.producer();
            CompletableFuture<Throwable> refusal = new CompletableFuture<>();
            Await.until("a callback on the connection's thread", () -> {
                producer.publishAsync("x").thenAccept(confirmed -> {
                    if (connection.inEventLoop()) {
                        refusal.complete(catchThrowable(() -> channel.get("whatever", true)));
                    }
                });
                return refusal.isDone();
            });
            assertThat(refusal.join())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("I/O thread")
                    .hasMessageContaining("Async");
        }
    }

    @BrokerTest
    void acknowledgingWhatAnOldLinkDeliveredIsATypedError(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        int port = broker.options().addresses().get(0).port();
        try (FaultProxy network = FaultProxy.to(port);
                Connection connection = Connection.open(network.uri(broker.uri()));
                Channel channel = connection.channel()) {
            fill(connection, queue, "a");
            BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();
            channel.consume(queue.name(), got::add);
            Delivery old = take(got, 1).get(0);
            network.cutNow();
            Delivery fresh = take(got, 1).get(0);
            assertThat(fresh.epoch()).isGreaterThan(old.epoch());
            assertThat(fresh.redelivered()).isTrue();
            assertThatThrownBy(() -> channel.ack(old))
                    .isInstanceOf(AmqpChannelException.class)
                    .hasMessageContaining("lost link");
            assertThatThrownBy(() -> channel.reject(old, true)).isInstanceOf(AmqpChannelException.class);
            channel.ack(fresh);
            assertThat(channel.isOpen()).isTrue();
        }
        assertEmpty(broker, queue);
    }

    private static void fill(Connection connection, Queue queue, String... bodies) {
        Producer producer = connection.producer(p -> p.routingKey(queue.name()).declare(queue));
        for (String body : bodies) {
            producer.publish(body);
        }
    }

    private static List<Delivery> take(BlockingQueue<Delivery> got, int count) throws InterruptedException {
        List<Delivery> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Delivery delivery = got.poll(SECONDS, TimeUnit.SECONDS);
            assertThat(delivery).as("delivery %s of %s", i + 1, count).isNotNull();
            taken.add(delivery);
        }
        return taken;
    }

    private static String text(Delivery delivery) {
        return new String(delivery.body(), UTF_8);
    }
}
