package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.RestoreListener;
import dev.holdfast.testing.TestBroker;
import dev.holdfast.testkit.FaultProxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Consumers that the broker refuses after a reconnect, and where a consumer of a stream goes on. */
class ConsumerRestoreIT {
    private static final Duration DELAY = Duration.ofMillis(50);

    private final java.util.Queue<String> steps = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();

    private ConnectionOptions options(TestBroker broker, FaultProxy proxy) {
        return ConnectionOptions.parse(proxy.uri(broker.uri()))
                .reconnectBackoff(DELAY, DELAY.multipliedBy(4))
                .listener(new RestoreListener(steps));
    }

    private static FaultProxy proxy(TestBroker broker) throws Exception {
        return FaultProxy.to(URI.create(broker.uri()).getPort());
    }

    private void awaitStep(String prefix) throws Exception {
        Await.until(prefix, () -> steps.stream().anyMatch(step -> step.startsWith(prefix)));
    }

    private static boolean takes(Connection other, Queue queue) {
        try {
            String unused = other.channel()
                    .consume(queue.name(), ConsumeOptions.defaults().exclusive(true), delivery -> {});
            return true;
        } catch (AmqpChannelException inUse) { // the broker has not noticed the cut
            return false;
        }
    }

    /** Another connection has the queue for a moment. Broker-J closes the connection for it, RabbitMQ the channel. */
    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void exclusiveConsumerComesBackWhenTheQueueIsFree(TestBroker broker) throws Exception {
        Queue locked = Queue.of(broker.unique("locked"));
        Queue free = Queue.of(broker.unique("free"));
        try (FaultProxy proxy = proxy(broker);
                Connection connection = Connection.open(options(broker, proxy));
                Connection other = broker.connect()) {
            Channel channel = connection.channel();
            channel.declare(locked, free);
            DeliveryQueue fromLocked = new DeliveryQueue();
            DeliveryQueue fromFree = new DeliveryQueue();
            channel.consume(locked.name(), ConsumeOptions.defaults().exclusive(true), fromLocked);
            channel.consume(free.name(), fromFree);
            proxy.refuse(true);
            proxy.cutNow();
            Await.until("the queue is taken", () -> takes(other, locked));
            proxy.refuse(false);
            awaitStep("retrying consumer");
            Producer producer = other.producer();
            producer.publish("free", PublishOptions.to("", free.name()));
            channel.ack(fromFree.next("free"));
            other.close(Duration.ofSeconds(10));
            awaitStep("restored consumer");
            connection.producer().publish("locked", PublishOptions.to("", locked.name()));
            channel.ack(fromLocked.next("locked"));
        }
    }

    @BrokerTest
    void missingQueueIsToldAndTheOtherGoesOn(TestBroker broker) throws Exception {
        Queue missing = Queue.of(broker.unique("missing"));
        Queue kept = Queue.of(broker.unique("kept"));
        BlockingQueue<Object> received = new LinkedBlockingQueue<>();
        try (FaultProxy proxy = proxy(broker);
                Connection other = broker.connect();
                Channel admin = other.channel();
                Connection connection = Connection.open(options(broker, proxy).restoreLimit(Duration.ofMillis(500)));
                Consumer consumer = connection
                        .consumer(List.of(missing, kept), o -> o.autoDeclare(false))
                        .callback((body, message) -> {
                            received.add(String.valueOf(body));
                            message.ack();
                        })
                        .onCancel(cancelled::add)) {
            admin.declare(missing, kept);
            consumer.consume();
            proxy.refuse(true);
            proxy.cutNow();
            long unused = admin.deleteQueue(missing.name());
            proxy.refuse(false);
            assertThat(cancelled.poll(30, TimeUnit.SECONDS)).isEqualTo(missing.name());
            assertThat(consumer.consumingFrom(kept.name())).isTrue();
            other.producer().publish("kept", PublishOptions.to("", kept.name()));
            assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("kept");

            admin.declare(missing);
            consumer.consume();
            other.producer().publish("again", PublishOptions.to("", missing.name()));
            assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("again");
        }
    }

    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void streamGoesOnBehindTheLastAcknowledgedMessage(TestBroker broker) throws Exception {
        Queue stream = Queue.of(broker.unique("stream")).stream();
        try (FaultProxy proxy = proxy(broker);
                Connection connection = Connection.open(options(broker, proxy))) {
            Channel channel = connection.channel();
            channel.declare(stream);
            Producer producer =
                    connection.producer(p -> p.routingKey(stream.name()).retry());
            for (int i = 0; i < 100; i++) {
                producer.publish("old " + i);
            }
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(stream.name(), ConsumeOptions.defaults().streamOffset("first"), deliveries);
            for (int i = 0; i < 100; i++) {
                channel.ack(deliveries.next("old " + i));
            }
            proxy.cutNow();
            producer.publish("new");
            channel.ack(deliveries.next("new"));
        }
    }
}
