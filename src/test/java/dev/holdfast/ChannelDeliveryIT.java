package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import dev.holdfast.testkit.FaultProxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** basic.get, consumers, acknowledgement, prefetch and recovery of a channel, with the metadata of deliveries. */
class ChannelDeliveryIT {
    private static final long SECONDS = 20;

    @BrokerTest
    void getReturnsOneMessageAtATime(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b", "c");
            Delivery first = channel.get(queue.name(), true).orElseThrow();
            assertThat(DeliveryQueue.text(first)).isEqualTo("a");
            assertThat(first.messageCount()).isEqualTo(2);
            assertThat(first.consumerTag()).isEmpty();
            assertThat(first.exchange()).isEmpty();
            assertThat(first.routingKey()).isEqualTo(queue.name());
            assertThat(first.redelivered()).isFalse();

            Delivery second = channel.get(queue.name(), false).orElseThrow();
            channel.nack(second, true);
            Delivery redelivered = channel.getAsync(queue.name(), false)
                    .get(SECONDS, TimeUnit.SECONDS)
                    .orElseThrow();
            assertThat(DeliveryQueue.text(redelivered)).isEqualTo("b");
            assertThat(redelivered.redelivered()).isTrue();
            channel.ack(redelivered);
            channel.ack(channel.get(queue.name(), false).orElseThrow());
            assertThat(channel.get(queue.name(), false)).isEmpty();
        }
    }

    @BrokerTest
    void consumerReceivesInOrderUntilCancelled(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b", "c");
            DeliveryQueue deliveries = new DeliveryQueue();
            String tag = channel.consume(
                    queue.name(), ConsumeOptions.defaults().consumerTag("tag-of-the-test"), delivery -> {
                        channel.ack(delivery);
                        deliveries.handle(delivery);
                    });
            assertThat(tag).isEqualTo("tag-of-the-test");
            assertThat(deliveries.take(3)).extracting(DeliveryQueue::text).containsExactly("a", "b", "c");
            channel.cancel(tag);
            assertThat(channel.inspect(queue.name()).consumerCount()).isZero();

            fill(connection, queue, "d");
            assertThat(channel.inspect(queue.name()).messageCount()).isEqualTo(1);
            assertThat(deliveries.isEmpty()).isTrue();
            String other = channel.consumeAsync(queue.name(), ConsumeOptions.defaults(), deliveries)
                    .get(SECONDS, TimeUnit.SECONDS);
            Delivery last = deliveries.next();
            assertThat(last.consumerTag()).isEqualTo(other);
            assertThat(last.messageCount()).isEqualTo(-1);
            channel.cancelAsync(other).get(SECONDS, TimeUnit.SECONDS);
        }
    }

    @BrokerTest(needs = Feature.CONSUMER_CANCEL_NOTIFY)
    void deletedQueueCancelsItsConsumer(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            DeliveryQueue deliveries = new DeliveryQueue();
            String tag = channel.consume(queue.name(), deliveries);
            assertThat(channel.deleteQueue(queue.name())).isZero();
            assertThat(deliveries.cancelledTag())
                    .succeedsWithin(SECONDS, TimeUnit.SECONDS)
                    .isEqualTo(tag);
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @BrokerTest
    void prefetchLimitsUnacknowledgedDeliveries(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel();
                Channel other = connection.channel()) {
            fill(connection, queue, "a", "b", "c", "d", "e");
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(queue.name(), ConsumeOptions.defaults().prefetch(2), deliveries);
            Delivery first = deliveries.take(2).get(0);
            // Messages that another channel can get are not unacknowledged at the consumer.
            assertThat(DeliveryQueue.getAll(other, queue.name())).containsExactly("c", "d", "e");
            channel.ack(first);
            fill(connection, queue, "f", "g");
            assertThat(DeliveryQueue.text(deliveries.next())).isEqualTo("f");
            assertThat(DeliveryQueue.getAll(other, queue.name())).containsExactly("g");
            assertThat(deliveries.isEmpty()).isTrue();
        }
    }

    @BrokerTest
    void prefetchOfTheChannelAppliesToLaterConsumers(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel();
                Channel other = connection.channel()) {
            fill(connection, queue, "a", "b", "c", "d", "e");
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.prefetch(1);
            channel.consume(queue.name(), deliveries);
            deliveries.next();
            assertThat(DeliveryQueue.getAll(other, queue.name())).containsExactly("b", "c", "d", "e");
        }
    }

    @BrokerTest
    void ackSettlesOneDeliveryAndAckMultipleAllBeforeIt(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b", "c", "d", "e", "f");
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(queue.name(), deliveries);
            List<Delivery> received = deliveries.take(6);
            channel.ackMultiple(received.get(1)); // a, b
            channel.ack(received.get(2)); // c
            channel.ack(received.get(3)); // d
            channel.nack(received.get(4), true); // e is redelivered
            channel.reject(received.get(5), true); // f is redelivered
            List<Delivery> redelivered = deliveries.take(2);
            assertThat(redelivered).extracting(DeliveryQueue::text).containsExactlyInAnyOrder("e", "f");
            assertThat(redelivered).allMatch(Delivery::redelivered);
            channel.ackMultiple(redelivered.get(1));
        }
        assertEmpty(broker, queue);
    }

    @BrokerTest(needs = Feature.NACK_MULTIPLE)
    void nackMultipleRequeuesAllBeforeIt(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b", "c");
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(queue.name(), deliveries);
            channel.nackMultiple(deliveries.take(3).get(1), true);
            assertThat(deliveries.take(2)).extracting(DeliveryQueue::text).containsExactlyInAnyOrder("a", "b");
        }
    }

    @BrokerTest(needs = Feature.DISCARD)
    void rejectAndNackWithoutRequeueDiscard(TestBroker broker) {
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

    /** Asserts that no message was requeued when the connection closed. */
    private static void assertEmpty(TestBroker broker, Queue queue) {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            assertThat(channel.get(queue.name(), true)).isEmpty();
        }
    }

    @BrokerTest
    void recoverRedeliversUnacknowledgedMessages(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            fill(connection, queue, "a", "b");
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(queue.name(), deliveries);
            deliveries.take(2);
            channel.recover(true);
            List<Delivery> redelivered = deliveries.take(2);
            assertThat(redelivered).extracting(DeliveryQueue::text).containsExactlyInAnyOrder("a", "b");
            assertThat(redelivered).allMatch(Delivery::redelivered);
            channel.recoverAsync(true).get(SECONDS, TimeUnit.SECONDS);
            assertThat(deliveries.take(2)).hasSize(2);
        }
    }

    @BrokerTest
    void deliveriesRunOffTheIoThreadAndOnTheUsersExecutor(TestBroker broker) throws Exception {
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
        ConnectionOptions options =
                broker.options().deliveryExecutor(task -> new Thread(task, "thread-of-the-user").start());
        try (Connection connection = Connection.open(options);
                Channel channel = connection.channel()) {
            fill(connection, queue, "b");
            CompletableFuture<String> name = new CompletableFuture<>();
            channel.consume(
                    queue.name(),
                    delivery -> name.complete(Thread.currentThread().getName()));
            assertThat(name.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("thread-of-the-user");
        }
    }

    @BrokerTest
    void blockingCallOnTheIoThreadIsRefused(TestBroker broker) throws Exception {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Producer producer = connection.producer();
            CompletableFuture<Throwable> refusal = new CompletableFuture<>();
            Await.until("a callback on the I/O thread", () -> {
                producer.publishAsync("x").thenAccept(confirmed -> {
                    if (connection.inEventLoop()) {
                        refusal.complete(catchThrowable(() -> channel.get("any", true)));
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
    void ackForAnEarlierLinkThrowsAmqpChannelException(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (FaultProxy proxy = FaultProxy.to(broker.port());
                Connection connection = Connection.open(proxy.uri(broker.uri()));
                Channel channel = connection.channel()) {
            fill(connection, queue, "a");
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(queue.name(), deliveries);
            Delivery stale = deliveries.next();
            proxy.cutNow();
            Delivery redelivered = deliveries.next();
            assertThat(redelivered.epoch()).isGreaterThan(stale.epoch());
            assertThat(redelivered.redelivered()).isTrue();
            assertThatThrownBy(() -> channel.ack(stale))
                    .isInstanceOf(AmqpChannelException.class)
                    .hasMessageContaining("lost link");
            assertThatThrownBy(() -> channel.reject(stale, true)).isInstanceOf(AmqpChannelException.class);
            channel.ack(redelivered);
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
}
