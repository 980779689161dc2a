package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Confirmation;
import dev.holdfast.Exchange;
import dev.holdfast.Message;
import dev.holdfast.MessageProperties;
import dev.holdfast.Queue;
import dev.holdfast.SimpleQueue;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The methods that a simple queue sends to the broker. */
class SimpleQueueTest extends ScriptedTest {
    private static final long SECONDS = 10;

    @Test
    void exchangeQueueAndRoutingKeyHaveTheNameOfTheSimpleQueue() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            CompletableFuture<SimpleQueue> opening =
                    CompletableFuture.supplyAsync(() -> client.connection().simpleQueue("jobs"));
            link.openChannel();
            ExchangeMethods.Declare exchange = answerDeclarations(link);
            assertThat(exchange.type()).isEqualTo("direct");
            assertThat(exchange.durable()).isTrue();
            SimpleQueue jobs = opening.get(SECONDS, TimeUnit.SECONDS);

            CompletableFuture<Confirmation> putting = CompletableFuture.supplyAsync(() -> jobs.put("job"));
            Published put = link.expectPublish();
            link.ack(put.channel(), 1);
            putting.get(SECONDS, TimeUnit.SECONDS);
            assertThat(put.exchange()).isEqualTo("jobs");
            assertThat(put.routingKey()).isEqualTo("jobs");
            assertThat(put.text()).isEqualTo("job");
        }
    }

    @Test
    void getPollsUntilThereIsAMessage() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            SimpleQueue jobs = open(client, () -> client.connection().simpleQueue("jobs"));
            CompletableFuture<Optional<Message>> getting =
                    CompletableFuture.supplyAsync(() -> jobs.get(Duration.ofMinutes(5)));
            for (int i = 0; i < 3; i++) {
                Received<BasicMethods.Get> request = link.expect(BasicMethods.Get.class);
                assertThat(request.method().noAck()).isFalse();
                request.reply(BasicMethods.GetEmpty.INSTANCE);
            }
            sendGetOk(link, link.expect(BasicMethods.Get.class).channel());
            Message message = getting.get(SECONDS, TimeUnit.SECONDS).orElseThrow();
            assertThat(message.payload()).isEqualTo("job");
            link.expectSilence(50);

            message.requeue();
            assertThat(link.expect(BasicMethods.Reject.class).method()).isEqualTo(new BasicMethods.Reject(1, true));
        }
    }

    @Test
    void getWithZeroTimeoutPollsOnce() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            SimpleQueue jobs = open(client, () -> client.connection().simpleQueue("jobs"));
            CompletableFuture<Optional<Message>> getting = CompletableFuture.supplyAsync(() -> jobs.get(Duration.ZERO));
            link.expect(BasicMethods.Get.class).reply(BasicMethods.GetEmpty.INSTANCE);
            assertThat(getting.get(SECONDS, TimeUnit.SECONDS)).isEmpty();
            link.expectSilence(50);
        }
    }

    @Test
    void messageForAnInterruptedCallerIsRequeued() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            SimpleQueue jobs =
                    open(client, () -> client.connection().simpleQueue("jobs").noAck(true));
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread caller =
                    new Thread(() -> outcome.complete(catchThrowable(() -> jobs.get(Duration.ofMinutes(5)))), "caller");
            caller.start();
            int channel = link.expect(BasicMethods.Get.class).channel();
            caller.interrupt();
            assertThat(outcome.get(SECONDS, TimeUnit.SECONDS)).isInstanceOf(AmqpTimeoutException.class);
            sendGetOk(link, channel);
            assertThat(link.expect(BasicMethods.Reject.class).method()).isEqualTo(new BasicMethods.Reject(1, true));
        }
    }

    @Test
    void noAckQueueAcknowledgesEachMessageOnGet() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Queue queue = Queue.of("jobs", Exchange.direct("jobs"), "jobs").noAck(true);
            SimpleQueue jobs = open(client, () -> client.connection().simpleQueue(queue));
            CompletableFuture<Optional<Message>> getting = CompletableFuture.supplyAsync(jobs::getNow);
            sendGetOk(link, link.expect(BasicMethods.Get.class).channel());
            assertThat(link.expect(BasicMethods.Ack.class).method()).isEqualTo(new BasicMethods.Ack(1, false));
            assertThat(getting.get(SECONDS, TimeUnit.SECONDS)).isPresent();
        }
    }

    @Test
    void bufferIsTransientAndAcknowledgesEachMessageOnGet() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            CompletableFuture<SimpleQueue> opening =
                    CompletableFuture.supplyAsync(() -> client.connection().simpleBuffer("jobs"));
            link.openChannel();
            ExchangeMethods.Declare exchange = answerDeclarations(link);
            assertThat(exchange.durable()).isFalse();
            assertThat(exchange.autoDelete()).isTrue();
            SimpleQueue buffer = opening.get(SECONDS, TimeUnit.SECONDS);
            assertThat(buffer.queue().durable()).isFalse();
            assertThat(buffer.queue().exclusive()).isTrue();
            assertThat(buffer.queue().autoDelete()).isTrue();
            assertThat(buffer.producer().defaults().deliveryMode()).isEqualTo(1);

            CompletableFuture<Optional<Message>> getting = CompletableFuture.supplyAsync(buffer::getNow);
            ExchangeMethods.Declare repeated =
                    answerDeclarations(link); // it may have been deleted with the previous link
            assertThat(repeated).isEqualTo(exchange);
            sendGetOk(link, link.expect(BasicMethods.Get.class).channel());
            assertThat(link.expect(BasicMethods.Ack.class).method()).isEqualTo(new BasicMethods.Ack(1, false));
            Message message = getting.get(SECONDS, TimeUnit.SECONDS).orElseThrow();
            message.ack();
            link.expectSilence(50);
        }
    }

    @Test
    void closeClosesItsChannel() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            SimpleQueue jobs = open(client, () -> client.connection().simpleQueue("jobs"));
            CompletableFuture<Void> closing = CompletableFuture.runAsync(jobs::close);
            client.link().answerChannelClose();
            closing.get(SECONDS, TimeUnit.SECONDS);
            jobs.close();
        }
    }

    private static SimpleQueue open(Client client, Supplier<SimpleQueue> open) throws Exception {
        CompletableFuture<SimpleQueue> opening = CompletableFuture.supplyAsync(open);
        client.link().openChannel();
        ExchangeMethods.Declare unused = answerDeclarations(client.link());
        return opening.get(SECONDS, TimeUnit.SECONDS);
    }

    /** Answers the declarations of the exchange, the queue and their binding. */
    private static ExchangeMethods.Declare answerDeclarations(ScriptedLink link) {
        ExchangeMethods.Declare exchange = link.answerExchangeDeclare();
        assertThat(exchange.exchange()).isEqualTo("jobs");
        link.answerQueueDeclare("jobs");
        assertThat(link.answerQueueBind().routingKey()).isEqualTo("jobs");
        return exchange;
    }

    private static void sendGetOk(ScriptedLink link, int channel) {
        link.sendContent(
                channel,
                new BasicMethods.GetOk(1, false, "jobs", "jobs", 0),
                MessageProperties.EMPTY.contentType("application/json").contentEncoding("utf-8"),
                "\"job\"".getBytes(UTF_8));
    }
}
