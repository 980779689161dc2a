package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.TestBroker;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Every example of Kombu's guide to producers, in its order and with its values. */
class KombuGuideIT {
    private static final Map<String, String> HELLO = Map.of("hello", "world");

    @BrokerTest
    void examplesOfTheProducerGuideWork(TestBroker broker) throws IOException {
        broker.reserve("tasks");
        broker.reserve("name");
        try (Connection connection = Connection.open(broker.uri())) {
            // producer = connection.Producer()
            Producer producer = connection.producer();

            // with conn.channel() as channel: producer = Producer(channel)
            try (Channel channel = connection.channel()) {
                Producer onChannel = new Producer(channel);
                assertThat(onChannel.publish(HELLO, p -> p.routingKey("rk")).attempts())
                        .isEqualTo(1);
            }

            Channel channel = connection.channel();
            declaresItsExchange(channel, producer);
            retries(channel, producer);
            declaresTheTaskQueue(channel, producer);
            bypassesRouting(channel, producer);
            namesItsSerializer(channel, producer);
        }
    }

    /** producer.publish({'hello': 'world'}, exchange=exchange, routing_key='rk', declare=[exchange]) */
    private static void declaresItsExchange(Channel channel, Producer producer) throws IOException {
        Exchange exchange = Exchange.of("name", "direct");
        producer.publish(
                HELLO,
                p -> p.exchange(exchange).routingKey("rk").declare(exchange)); // declared before the message is sent

        // The exchange exists. With a queue bound to it the same publish arrives.
        channel.declare(exchange.passive(true));
        Queue bound = channel.declare(Queue.serverNamed().bound(exchange, "rk"));
        producer.publish(
                HELLO,
                p -> p.exchange(exchange).routingKey("rk").declare(exchange).mandatory(true));
        assertHello(channel, bound.name());
    }

    /**
     * producer.publish(..., retry=True), and with a policy: first retry at once, then 2 s more each time, at most
     * 30 s, 30 retries.
     */
    private static void retries(Channel channel, Producer producer) throws IOException {
        Exchange exchange = Exchange.of("name", "direct");
        Queue bound = channel.declare(Queue.serverNamed().bound(exchange, "rk"));
        producer.publish(HELLO, p -> p.exchange(exchange).routingKey("rk").retry());
        assertHello(channel, bound.name());

        RetryPolicy policy = RetryPolicy.linear(
                        Duration.ZERO, // interval_start: no wait before the first retry,
                        Duration.ofSeconds(2), // interval_step: 2 s longer before each further one,
                        Duration.ofSeconds(30)) // interval_max: no wait is longer.
                .maxRetries(30); // max_retries: the publish fails after 31 attempts.
        producer.publish(HELLO, p -> p.exchange(exchange).routingKey("rk").retry(policy));
        assertHello(channel, bound.name());
    }

    /** Before the workers have started: producer.publish(..., routing_key=..., declare=[task_queue]) */
    private static void declaresTheTaskQueue(Channel channel, Producer producer) throws IOException {
        Queue taskQueue = Queue.of("tasks", Exchange.direct("tasks"), "tasks");
        producer.publish(
                HELLO,
                p -> p.exchange(taskQueue.exchange())
                        .retry()
                        .routingKey(taskQueue.routingKey())
                        .declare(taskQueue)); // its exchange, the queue, their binding
        assertHello(channel, "tasks");
    }

    /** producer.publish({'hello': 'world'}, exchange=''), the routing key being the name of the queue. */
    private static void bypassesRouting(Channel channel, Producer producer) throws IOException {
        Queue queue = channel.declare(Queue.serverNamed());
        producer.publish(HELLO, p -> p.exchange("").routingKey(queue.name()));
        assertHello(channel, queue.name());

        // In Kombu an empty exchange means the producer's default exchange, if it has one. Here it is always the
        // default exchange.
        Producer withDefaultExchange = new Producer(channel, p -> p.exchange("name"));
        withDefaultExchange.publish(HELLO, p -> p.exchange("").routingKey(queue.name()));
        assertHello(channel, queue.name());
    }

    /** The guide names 'pickle' here. Any serializer is named in this way; JSON is the default. */
    private static void namesItsSerializer(Channel channel, Producer producer) throws IOException {
        Queue queue = channel.declare(Queue.serverNamed());
        producer.publish(HELLO, p -> p.routingKey(queue.name()).serializer("json"));
        assertHello(channel, queue.name());
    }

    private static void assertHello(Channel channel, String queue) throws IOException {
        Optional<Delivery> delivery = channel.get(queue, true);
        assertThat(delivery).isPresent();
        assertThat(new ObjectMapper().readTree(delivery.get().body())).isEqualTo(new ObjectMapper().valueToTree(HELLO));
        assertThat(new String(delivery.get().body(), UTF_8)).startsWith("{");
        assertThat(delivery.get().properties().contentType()).isEqualTo("application/json");
        assertThat(delivery.get().properties().contentEncoding()).isEqualTo("utf-8");
        assertThat(delivery.get().properties().deliveryMode()).isEqualTo(2);
        assertThat(channel.get(queue, true)).isEmpty();
    }
}
