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
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The counterparts of Kombu's Message, Consumer and SimpleQueue at every broker. */
class ConsumerIT {
    private static final long SECONDS = 30;
    private static final Duration LIMIT = Duration.ofSeconds(SECONDS);

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
            List<Message> received = List.of(next(), next());
            assertThat(received).extracting(Message::routingKey).containsExactlyInAnyOrder("v", "a");
            assertThat(received).extracting(Message::exchange).containsOnly(media.name());
            assertThat(received).allSatisfy(message -> {
                assertThat(message.headers()).containsEntry("x", "y");
                assertThat(message.contentType()).isEqualTo("application/json");
                assertThat(message.acknowledged()).isTrue();
                assertThatThrownBy(message::ack).isInstanceOf(MessageStateException.class);
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
                    consumer.cancel(); // the last consumer: the queue is deleted
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
            Message redelivered = next();
            assertThat(redelivered.redelivered()).isTrue();
            redelivered.ack();
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
            Await.until(
                    "the message is requeued", () -> other.inspect(queue.name()).messageCount() == 1);
        }
    }

    @BrokerTest(needs = {Feature.DISCARD, Feature.QUEUE_ARGUMENTS})
    void onDecodeErrorDeadLettersAnUndecodableMessage(TestBroker broker) throws Exception {
        Queue deadLetterQueue = Queue.of(broker.unique("dead-letters"));
        Queue queue =
                Queue.of(broker.unique("queue")).deadLetterExchange("").deadLetterRoutingKey(deadLetterQueue.name());
        try (Connection connection = broker.connect();
                Consumer consumer = connection
                        .consumer(queue)
                        .callback((payload, message) -> messages.add(message))
                        .onDecodeError((message, error) -> message.reject());
                SimpleQueue deadLetters = connection.simpleQueue(deadLetterQueue)) {
            consumer.consume();
            Producer producer = connection.producer(p -> p.routingKey(queue.name()));
            producer.publish("{".getBytes(UTF_8), p -> p.contentType("application/json"));
            producer.publish(List.of(1));
            assertThat(next().payload()).isEqualTo(List.of(1));
            Message deadLetter = deadLetters.get(LIMIT).orElseThrow();
            assertThat(deadLetter.body()).containsExactly('{');
            assertThatThrownBy(deadLetter::payload).isInstanceOf(SerializationException.class);
            deadLetter.ack();
        }
    }

    @BrokerTest
    void consumerResumesAfterReconnect(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (FaultProxy proxy = FaultProxy.to(broker.port());
                Connection connection = Connection.open(proxy.uri(broker.uri()));
                Consumer consumer = connection.consumer(queue).onMessage(messages::add)) {
            consumer.consume();
            connection.producer().publish("x", p -> p.routingKey(queue.name()));
            Message stale = next();
            proxy.cutNow();
            Message redelivered = next();
            assertThat(redelivered.redelivered()).isTrue();
            assertThatThrownBy(stale::ack).isInstanceOf(AmqpChannelException.class);
            assertThat(stale.acknowledged()).isFalse();
            redelivered.ack();
            assertThat(consumer.consumingFrom(queue.name())).isTrue();
        }
    }

    @BrokerTest
    void consumersRunAtTheSameTimeOnAnExecutorWithSeveralThreads(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        CyclicBarrier both = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        ConsumeOptions one = ConsumeOptions.defaults().prefetch(1);
        try (Connection connection = Connection.open(broker.options().deliveryExecutor(threads));
                Consumer first = connection.consumer(List.of(queue), o -> one);
                Consumer second = connection.consumer(List.of(queue), o -> one)) {
            for (Consumer consumer : List.of(first, second)) {
                consumer.onMessage(message -> {
                            // Passes only if the other consumer has a message at the same time.
                            both.await(SECONDS, TimeUnit.SECONDS);
                            messages.add(message);
                        })
                        .consume();
            }
            connection.producer().publish("x", p -> p.routingKey(queue.name()));
            connection.producer().publish("y", p -> p.routingKey(queue.name()));
            assertThat(List.of(next().payload(), next().payload())).containsExactlyInAnyOrder("x", "y");
        } finally {
            threads.shutdownNow();
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
            Message first = queue.get(LIMIT).orElseThrow();
            Message second = queue.getNow().orElseThrow();
            assertThat(first.payload()).isEqualTo(Map.of("n", 1));
            assertThat(second.headers()).containsEntry("h", true);
            second.ack();
            first.requeue();
            Message redelivered = queue.get(LIMIT).orElseThrow();
            assertThat(redelivered.payload()).isEqualTo(Map.of("n", 1));
            assertThat(redelivered.redelivered()).isTrue();
        } // closes with one unacknowledged message
        try (Connection connection = broker.connect();
                SimpleQueue queue = connection.simpleQueue(name)) {
            Message requeued = queue.get(LIMIT).orElseThrow();
            assertThat(requeued.payload()).isEqualTo(Map.of("n", 1));
            requeued.ack();
        }
    }

    @BrokerTest
    void simpleBufferResumesAfterReconnect(TestBroker broker) throws Exception {
        String name = broker.unique("buffer");
        try (FaultProxy proxy = FaultProxy.to(broker.port());
                Connection connection = Connection.open(proxy.uri(broker.uri()));
                SimpleQueue buffer = connection.simpleBuffer(name)) {
            buffer.put("a");
            assertThat(buffer.get(LIMIT).orElseThrow().payload()).isEqualTo("a");
            assertThat(buffer.getNow()).as("messages after the acknowledgement").isEmpty();
            proxy.cutNow();
            Await.until("a reply on the next link", () -> replies(buffer));
            buffer.put("b", p -> p.retry());
            assertThat(buffer.get(LIMIT).orElseThrow().payload()).isEqualTo("b");
        }
    }

    /** Whether the broker replies to basic.get. A call that is outstanding when the link is lost fails. */
    private static boolean replies(SimpleQueue buffer) {
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
