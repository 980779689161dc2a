package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The scripted broker as the peer of RabbitMQ's client. */
class ScriptedBrokerTest {
    private final ScriptedBroker broker = ScriptedBroker.start();
    private final ExecutorService client = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        client.shutdownNow();
        broker.close();
    }

    private Future<Connection> connecting() {
        return client.submit(() -> {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setUri(broker.uri());
            factory.setAutomaticRecoveryEnabled(false);
            return factory.newConnection();
        });
    }

    private <T> Future<T> clientDoes(Callable<T> work) {
        return client.submit(work);
    }

    @Test
    void contentOfAPublishIsSeenAndNacked() throws Exception {
        Future<Connection> connecting = connecting();
        ScriptedConnection scripted = broker.accept();
        Connection connection = connecting.get(10, TimeUnit.SECONDS);
        Map<String, Object> headers = Map.of("n", 7, "list", List.of("a", true), "table", Map.of("k", 2.5));
        Future<Boolean> confirmed = clientDoes(() -> {
            Channel channel = connection.createChannel();
            channel.queueDeclare("q", true, false, false, Map.of("x-max-length", 5));
            channel.confirmSelect();
            BasicProperties properties = new BasicProperties.Builder()
                    .contentType("text/plain")
                    .deliveryMode(2)
                    .timestamp(Date.from(Instant.ofEpochSecond(1000)))
                    .headers(headers)
                    .build();
            channel.basicPublish("e", "k", true, properties, "x".repeat(300_000).getBytes(UTF_8));
            return channel.waitForConfirms();
        });

        AmqpMethod declare = scripted.answerUntil("queue.declare");
        assertThat(declare.text("queue")).isEqualTo("q");
        assertThat(declare.flag("durable")).isTrue();
        assertThat(declare.flag("exclusive")).isFalse();
        assertThat(declare.arguments()).containsEntry("arguments", Map.of("x-max-length", 5L));
        scripted.reply(declare);
        AmqpContent message = scripted.contentOf(scripted.answerUntil("basic.publish"));
        assertThat(message.method().text("exchange")).isEqualTo("e");
        assertThat(message.method().flag("mandatory")).isTrue();
        assertThat(message.method().flag("immediate")).isFalse();
        assertThat(message.text()).isEqualTo("x".repeat(300_000));
        assertThat(message.properties())
                .containsEntry("content-type", "text/plain")
                .containsEntry("delivery-mode", 2L)
                .containsEntry("timestamp", 1000L)
                .containsEntry("headers", Map.of("n", 7L, "list", List.of("a", true), "table", Map.of("k", 2.5)));
        scripted.send(message.method().channel(), "basic.nack", Map.of("delivery-tag", 1));
        assertThat(confirmed.get(10, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void deliveriesReachAConsumer() throws Exception {
        Future<Connection> connecting = connecting();
        ScriptedConnection scripted = broker.accept();
        Connection connection = connecting.get(10, TimeUnit.SECONDS);
        BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
        Future<String> tag = clientDoes(() -> connection
                .createChannel()
                .basicConsume("q", true, (consumerTag, delivery) -> received.add(delivery), consumerTag -> {}));

        AmqpMethod consume = scripted.answerUntil("basic.consume");
        scripted.reply(consume);
        assertThat(tag.get(10, TimeUnit.SECONDS)).isEqualTo("generated-1");
        scripted.sendContent(
                consume.channel(),
                "basic.deliver",
                Map.of("consumer-tag", "generated-1", "delivery-tag", 1, "routing-key", "k"),
                Map.of("content-type", "text/plain", "headers", Map.of("a", "b"), "message-id", "m"),
                "y".repeat(200_000).getBytes(UTF_8));

        Delivery delivery = received.poll(10, TimeUnit.SECONDS);
        assertThat(delivery.getBody()).hasSize(200_000);
        assertThat(delivery.getProperties().getMessageId()).isEqualTo("m");
        assertThat(delivery.getProperties().getHeaders().get("a")).hasToString("b");
        assertThat(delivery.getEnvelope().getRoutingKey()).isEqualTo("k");
    }

    @Test
    void channelIsClosedWithACodeOfTheTest() throws Exception {
        Future<Connection> connecting = connecting();
        ScriptedConnection scripted = broker.accept();
        Connection connection = connecting.get(10, TimeUnit.SECONDS);
        Future<?> declaring = clientDoes(() -> connection.createChannel().queueDeclarePassive("missing"));

        AmqpMethod declare = scripted.answerUntil("queue.declare");
        scripted.closeChannel(declare.channel(), 404, "NOT_FOUND - no queue 'missing'");
        assertThatExceptionOfType(Exception.class)
                .isThrownBy(() -> declaring.get(10, TimeUnit.SECONDS))
                .havingRootCause()
                .withMessageContaining("no queue 'missing'");
    }

    @Test
    void whatIsNotExpectedIsAnAssertionError() throws Exception {
        Future<Connection> connecting = connecting();
        ScriptedConnection scripted = broker.accept();
        Connection connection = connecting.get(10, TimeUnit.SECONDS);
        Future<?> unused = clientDoes(connection::createChannel);

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> scripted.expect("queue.declare"))
                .withMessageContaining("channel.open")
                .withMessageContaining("queue.declare");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> scripted.expect("queue.declar"))
                .withMessageContaining("queue.declar");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> scripted.send(1, "basic.ack", Map.of("tag", 1)))
                .withMessageContaining("'tag' (expected: one of [delivery-tag, multiple])");
        scripted.reset();
    }

    @Test
    void silenceIsAnAssertionErrorAfterTheTimeout() {
        try (ScriptedBroker impatient = ScriptedBroker.start(Duration.ofMillis(1))) {
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(impatient::accept)
                    .withMessageContaining("no client");
        }
    }

    @Test
    void endOfTheClientIsSeen() throws Exception {
        Future<Connection> connecting = connecting();
        ScriptedConnection scripted = broker.accept();
        connecting.get(10, TimeUnit.SECONDS).abort(0);
        scripted.expectEnd();
    }
}
