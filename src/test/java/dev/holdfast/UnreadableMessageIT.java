package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireWriter;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;

/**
 * Messages of another client that this one cannot read, and messages whose headers outgrow frame-max at the broker,
 * among good ones and beside publishes on the same connection.
 */
@Tag("load")
class UnreadableMessageIT {
    private static final int MESSAGES = 10_000;
    private static final int GETS = 1_000;
    private static final int MAX_BODY = 1_000;
    private static final int LARGE = 100;

    /** The frame-max of RabbitMQ. */
    private static final int FRAME_MAX = 131_072;

    /** Kinds of messages that RabbitMQ accepts from another client. */
    private enum Kind {
        NESTED_TABLES,
        NESTED_ARRAYS,
        BODY_OVER_THE_LIMIT;

        AMQP.BasicProperties properties() {
            Object nested = "innermost";
            for (int i = 0; i < 40; i++) {
                nested = this == NESTED_TABLES ? Map.of("a", nested) : List.of(nested);
            }
            return new AMQP.BasicProperties.Builder()
                    .headers(this == BODY_OVER_THE_LIMIT ? Map.of() : Map.of("x", nested))
                    .build();
        }

        byte[] body() {
            return new byte[this == BODY_OVER_THE_LIMIT ? MAX_BODY + 1 : 1];
        }
    }

    private static com.rabbitmq.client.Connection otherClient(TestBroker broker) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(broker.uri());
        factory.setVirtualHost("/"); // this client reads the path "/" as the empty name
        return factory.newConnection();
    }

    /** Publishes good messages and unreadable ones in turn, as another client. */
    private static void fill(TestBroker broker, String queue, int each) throws Exception {
        try (com.rabbitmq.client.Connection connection = otherClient(broker);
                com.rabbitmq.client.Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            Kind[] kinds = Kind.values();
            for (int i = 0; i < each; i++) {
                Kind kind = kinds[i % kinds.length];
                channel.basicPublish("", queue, null, "good".getBytes(UTF_8));
                channel.basicPublish("", queue, kind.properties(), kind.body());
            }
            channel.waitForConfirmsOrDie();
        }
    }

    @BrokerTest(needs = Feature.DISCARD)
    void goodMessagesArriveAndPublishesAreConfirmed(TestBroker broker) throws Exception {
        try (Connection connection = Connection.open(broker.options().maxInboundMessageSize(MAX_BODY));
                Channel channel = connection.channel()) {
            Queue consumed = channel.declare(Queue.of(broker.unique("consumed")));
            Queue got = channel.declare(Queue.of(broker.unique("got")));
            fill(broker, consumed.name(), MESSAGES);
            fill(broker, got.name(), GETS);
            AtomicInteger good = new AtomicInteger();
            AtomicInteger rejected = new AtomicInteger();
            Consumer consumer = connection
                    .consumer(consumed)
                    .callback((payload, message) -> {
                        message.ack();
                        good.incrementAndGet();
                    })
                    .onDecodeError((message, error) -> {
                        message.reject();
                        rejected.incrementAndGet();
                    });
            try (consumer) {
                consumer.consume();
                CompletableFuture<int[]> gets = CompletableFuture.supplyAsync(() -> getAll(connection, got));
                assertPublishes(connection, channel.declare(Queue.of(broker.unique("published"))));
                Await.until("all are settled", () -> good.get() + rejected.get() == 2 * MESSAGES);
                assertThat(good).hasValue(MESSAGES);
                assertThat(gets.get()).containsExactly(GETS, GETS);
            }
            assertThat(channel.inspect(consumed.name()).messageCount()).isZero();
            assertThat(connection.statistics().connects()).as("links").isEqualTo(1);
        }
    }

    /** Gets the messages of a queue, alternately without acknowledgement. Returns how many are good and unreadable. */
    private static int[] getAll(Connection connection, Queue queue) {
        int[] counts = new int[2];
        try (SimpleQueue simple = connection.simpleQueue(queue)) {
            for (int i = 0; i < 2 * GETS; i++) {
                Message message = simple.noAck(i % 4 < 2).getNow().orElseThrow();
                try {
                    assertThat(message.payload()).isNotNull();
                    counts[0]++;
                } catch (DecodeException e) {
                    assertThat(e).hasMessageStartingWith("message cannot be read: ");
                    counts[1]++;
                }
                message.ack();
            }
            assertThat(simple.getNow()).isEmpty();
        }
        return counts;
    }

    private static void assertPublishes(Connection connection, Queue queue) throws Exception {
        List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            publishes.add(connection.producer().publishAsync("", PublishOptions.to("", queue.name())));
        }
        for (CompletableFuture<Confirmation> publish : publishes) {
            assertThat(publish.get().attempts()).isEqualTo(1);
        }
    }

    /** RabbitMQ adds x-death to the headers of an expired message, and does not apply frame-max to the result. */
    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void headersThatOutgrowFrameMaxAtTheBrokerAreRead(TestBroker broker) throws Exception {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            Queue dead = channel.declare(Queue.of(broker.unique("dead")));
            Queue expiring = channel.declare(Queue.of(broker.unique("expiring"))
                    .messageTtl(Duration.ofMillis(1))
                    .deadLetterExchange("")
                    .deadLetterRoutingKey(dead.name()));
            PublishOptions large = PublishOptions.to("", expiring.name()).header("x", new byte[FRAME_MAX - 100]);
            for (int i = 0; i < LARGE; i++) {
                assertThat(connection.producer().publish("large", large).attempts())
                        .isEqualTo(1);
            }
            Await.until("all are dead", () -> channel.inspect(dead.name()).messageCount() == LARGE);
            for (int i = 0; i < LARGE / 4; i++) {
                assertOutgrown(channel.get(dead.name(), true).orElseThrow());
            }
            DeliveryQueue deliveries = DeliveryQueue.consume(channel, dead.name());
            for (Delivery delivery : deliveries.take(LARGE - LARGE / 4)) {
                assertOutgrown(delivery);
                channel.ack(delivery);
            }
            assertPublishes(connection, channel.declare(Queue.of(broker.unique("published"))));
            assertThat(connection.statistics().connects()).as("links").isEqualTo(1);
        }
    }

    private static void assertOutgrown(Delivery delivery) {
        assertThat(delivery.properties().headers()).containsKey("x-death");
        ByteBuf header = Unpooled.buffer().writeZero(FrameFormat.OVERHEAD + 12);
        PropertiesCodec.encode(delivery.properties(), new WireWriter(header));
        assertThat(header.readableBytes()).isGreaterThan(FRAME_MAX);
    }
}
