package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.serialization.Accept;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import dev.holdfast.testkit.FaultProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Messages, consumers and simple queues, as Kombu has them, against brokers. */
class ConsumerIT {
    private static final long SECONDS = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(SECONDS);

    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

    @BrokerTest
    void messagesOfEachQueueArriveDecoded(TestBroker broker) throws Exception {
        Exchange media = Exchange.direct(broker.unique("media"));
        Queue video = Queue.of(broker.unique("video"), media, "v");
        Queue audio = Queue.of(broker.unique("audio"), media, "a");
        try (Connection connection = broker.connect();
                Consumer consumer = connection.consumer(video, audio).callback((payload, message) -> {
                    assertThat(payload).isEqualTo(Map.of("hello", "world"));
                    message.ack();
                    messages.add(message);
                })) {
            consumer.consume();
            Producer producer = connection.producer(p -> p.exchange(media).header("x", "y"));
            producer.publish(Map.of("hello", "world"), p -> p.routingKey("v"));
            producer.publish(Map.of("hello", "world"), p -> p.routingKey("a"));
            List<Message> both = List.of(next(), next());
            assertThat(both).extracting(Message::routingKey).containsExactlyInAnyOrder("v", "a");
            assertThat(both).extracting(Message::exchange).containsOnly(media.name());
            assertThat(both).allSatisfy(each -> {
                assertThat(each.headers()).containsEntry("x", "y");
                assertThat(each.contentType()).isEqualTo("application/json");
                assertThat(each.acknowledged()).isTrue();
                assertThatThrownBy(each::ack).isInstanceOf(MessageStateException.class);
            });

            consumer.cancel();
            producer.publish(Map.of("hello", "world"), p -> p.routingKey("v"));
            assertThat(consumer.purge()).isEqualTo(1);
            consumer.consume();
            producer.publish(Map.of("hello", "world"), p -> p.routingKey("v"));
            assertThat(next().routingKey()).isEqualTo("v");
        }
    }

    @BrokerTest
    void existingServerNamedQueueIsConsumedAgain(TestBroker broker) throws Exception {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Queue queue = channel.declare(Queue.serverNamed().autoDelete(false));
            try (Consumer consumer = connection.consumer(queue).onMessage(messages::add)) {
                for (int round = 0; round < 2; round++) {
                    consumer.consume();
                    connection.producer().publish("x", p -> p.routingKey(queue.name()));
                    next().ack();
                    consumer.cancel();
                }
            }
        }
    }

    @BrokerTest
    void deletedServerNamedQueueIsReplaced(TestBroker broker) throws Exception {
        Exchange media = Exchange.fanout(broker.unique("media"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Queue queue = channel.declare(Queue.serverNamed().bound(media, ""));
            try (Consumer consumer = connection.consumer(queue).onMessage(messages::add)) {
                for (int round = 0; round < 2; round++) {
                    consumer.consume();
                    connection.producer().publish("x", p -> p.exchange(media));
                    next().ack();
                    consumer.cancel(); // its last consumer: it goes
                }
            }
        }
    }

    @BrokerTest
    void requeuedMessageIsRedelivered(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Consumer consumer = connection.consumer(queue).onMessage(messages::add)) {
            consumer.consume();
            connection.producer().publish("x", p -> p.routingKey(queue.name()));
            Message first = next();
            assertThat(first.redelivered()).isFalse();
            first.requeue();
            Message again = next();
            assertThat(again.redelivered()).isTrue();
            again.ack();
        }
    }

    @BrokerTest
    void closeRequeuesUnacknowledgedMessages(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel other = connection.channel()) {
            try (Consumer consumer = connection.consumer(queue).onMessage(messages::add)) {
                consumer.consume();
                connection.producer().publish("x", p -> p.routingKey(queue.name()));
                assertThat(next().acknowledged()).isFalse();
            }
            Await.until("the message is back", () -> other.inspect(queue.name()).messageCount() == 1);
        }
    }

    @BrokerTest(needs = {Feature.DISCARD, Feature.QUEUE_ARGUMENTS})
    void onDecodeErrorDeadLettersAnUndecodableMessage(TestBroker broker) throws Exception {
        Queue dead = Queue.of(broker.unique("dead"));
        Queue queue = Queue.of(broker.unique("queue")).deadLetterExchange("").deadLetterRoutingKey(dead.name());
        try (Connection connection = broker.connect();
                Consumer consumer = connection
                        .consumer(queue)
                        .callback((payload, message) -> messages.add(message))
                        .onDecodeError((message, error) -> message.reject());
                SimpleQueue graves = connection.simpleQueue(dead, p -> p)) {
            consumer.consume();
            Producer producer = connection.producer(p -> p.routingKey(queue.name()));
            producer.publish("{".getBytes(UTF_8), p -> p.contentType("application/json"));
            producer.publish(List.of(1));
            assertThat(next().payload()).isEqualTo(List.of(1));
            Message corpse = graves.get(PATIENCE).orElseThrow();
            assertThat(corpse.body()).containsExactly('{');
            assertThatThrownBy(corpse::payload).isInstanceOf(SerializationException.class);
            corpse.ack();
        }
    }

    @BrokerTest
    void consumerResumesAfterReconnect(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        int port = broker.options().addresses().get(0).port();
        try (FaultProxy network = FaultProxy.to(port);
                Connection connection = Connection.open(network.uri(broker.uri()));
                Consumer consumer = connection.consumer(queue).onMessage(messages::add)) {
            consumer.consume();
            connection.producer().publish("x", p -> p.routingKey(queue.name()));
            Message old = next();
            network.cutNow();
            Message again = next();
            assertThat(again.redelivered()).isTrue();
            assertThatThrownBy(old::ack).isInstanceOf(AmqpChannelException.class);
            assertThat(old.acknowledged()).isFalse();
            again.ack();
            assertThat(consumer.consumingFrom(queue.name())).isTrue();
        }
    }

    @BrokerTest
    void simpleQueuePutsAndGets(TestBroker broker) throws Exception {
        String name = broker.unique("simple");
        try (Connection connection = broker.connect();
                SimpleQueue queue = connection.simpleQueue(name).accept(Accept.only("json"))) {
            assertThat(queue.getNow()).isEmpty();
            assertThat(queue.get(Duration.ofMillis(30))).isEmpty();
            queue.put("a");
            queue.put("b");
            assertThat(queue.clear()).isEqualTo(2);
            queue.put(Map.of("n", 1));
            queue.put(Map.of("n", 2), p -> p.header("h", true));
            assertThat(queue.size()).isEqualTo(2);
            Message first = queue.get(PATIENCE).orElseThrow();
            Message second = queue.getNow().orElseThrow();
            assertThat(first.payload()).isEqualTo(Map.of("n", 1));
            assertThat(second.headers()).containsEntry("h", true);
            second.ack();
            first.requeue();
            Message again = queue.get(PATIENCE).orElseThrow();
            assertThat(again.payload()).isEqualTo(Map.of("n", 1));
            assertThat(again.redelivered()).isTrue();
        } // closed with one message that is not acknowledged
        try (Connection connection = broker.connect();
                SimpleQueue queue = connection.simpleQueue(name)) {
            Message back = queue.get(PATIENCE).orElseThrow();
            assertThat(back.payload()).isEqualTo(Map.of("n", 1));
            back.ack();
        }
    }

    @BrokerTest
    void simpleBufferResumesAfterReconnect(TestBroker broker) throws Exception {
        String name = broker.unique("buffer");
        int port = broker.options().addresses().get(0).port();
        try (FaultProxy network = FaultProxy.to(port);
                Connection connection = Connection.open(network.uri(broker.uri()));
                SimpleQueue buffer = connection.simpleBuffer(name)) {
            buffer.put("a");
            assertThat(buffer.get(PATIENCE).orElseThrow().payload()).isEqualTo("a");
            assertThat(buffer.getNow()).as("behind the acknowledgement").isEmpty();
            network.cutNow();
            Await.until("an answer on the next link", () -> answers(buffer));
            buffer.put("b", p -> p.retry());
            assertThat(buffer.get(PATIENCE).orElseThrow().payload()).isEqualTo("b");
        }
    }

    /** Whether the broker answers: a question that is under way when the link is lost fails. */
    private static boolean answers(SimpleQueue buffer) {
        try {
            assertThat(buffer.getNow()).isEmpty();
            return true;
        } catch (AmqpConnectionException e) {
            return false;
        }
    }

    private Message next() throws InterruptedException {
        Message message = messages.poll(SECONDS, TimeUnit.SECONDS);
        assertThat(message).as("message").isNotNull();
        return message;
    }
}
