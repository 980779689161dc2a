package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Consumer;
import dev.holdfast.Message;
import dev.holdfast.MessageProperties;
import dev.holdfast.SerializationException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.serialization.Serializer;
import dev.holdfast.serialization.SerializerRegistry;
import dev.holdfast.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Which messages the callbacks of a consumer receive, decoded or not. */
class ConsumerCallbackTest extends ScriptedConsumerTest {
    @Test
    void callbacksReceiveTheDecodedPayloadInOrder() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            List<String> payloads = new ArrayList<>();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> payloads.add("first " + payload))
                    .callback((payload, message) -> {
                        payloads.add("second " + payload);
                        messages.add(message);
                    });
            start(client, consumer).deliver(1, JSON, "{\"hello\": \"world\"}");
            assertThat(nextMessage().payload()).hasToString("{hello=world}");
            assertThat(payloads).containsExactly("first {hello=world}", "second {hello=world}");
        }
    }

    @Test
    void onMessageReplacesTheCallbacksWithoutDecoding() throws Exception {
        CountingSerializer serializer = new CountingSerializer();
        try (Client client = broker.connect(
                broker.options().serializers(SerializerRegistry.standard().with("counting", serializer)))) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> {
                        throw new AssertionError("a callback was called");
                    })
                    .onMessage(messages::add);
            start(client, consumer).deliver(1, MessageProperties.EMPTY.contentType("application/x-counting"), "x");
            Message message = nextMessage();
            assertThat(serializer.times).hasValue(0);
            assertThat(message.body()).containsExactly('x');

            assertThat(message.payload()).isEqualTo("");
            assertThat(message.payload()).isEqualTo("");
            assertThat(serializer.times).as("decoded, although empty").hasValue(1);
        }
    }

    @Test
    void callbackExceptionSkipsLaterCallbacksAndKeepsTheConsumer() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> {
                        if ("bad".equals(payload)) {
                            throw new IOException("of the callback's own");
                        }
                    })
                    .callback((payload, message) -> messages.add(message));
            ScriptedConsumer started = start(client, consumer);
            started.deliver(1, JSON, "\"bad\"");
            started.deliver(2, JSON, "\"good\"");
            assertThat(nextMessage().payload()).isEqualTo("good");
            client.link().expectSilence(50);
        }
    }

    @Test
    void undecodableMessageIsRejectedAndTheConsumerContinues() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> messages.add(message));
            ScriptedConsumer started = start(client, consumer);
            started.deliver(1, JSON, "{");
            started.deliver(2, JSON, "\"good\"");
            Message good = nextMessage();
            assertThat(good.payload()).isEqualTo("good");
            good.ack();
            assertThat(client.link().expect(BasicMethods.Reject.class).method())
                    .isEqualTo(new BasicMethods.Reject(1, false));
            assertThat(client.link().expect(BasicMethods.Ack.class).method()).isEqualTo(new BasicMethods.Ack(2, false));
        }
    }

    @Test
    void onDecodeErrorHandlesUndecodableMessages() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> {
                        throw new AssertionError("a callback was called");
                    })
                    .onDecodeError((message, error) -> {
                        assertThat(error).isInstanceOf(SerializationException.class);
                        message.ack();
                    });
            start(client, consumer).deliver(1, JSON, "{");
            assertThat(client.link().expect(BasicMethods.Ack.class).method().deliveryTag())
                    .isEqualTo(1);
        }
    }

    /** The broker does not redeliver them: without acknowledgements a delivery is settled when it is sent. */
    @Test
    void deliveriesReadBeforeTheCloseReachTheHandler() throws Exception {
        int deliveries = 300; // more than one batch of the executor
        CountDownLatch connectionClosed = new CountDownLatch(1);
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false).noAck(true), AUDIO)
                    .onMessage(message -> {
                        connectionClosed.await();
                        messages.add(message);
                    });
            ScriptedConsumer started = start(client, consumer);
            for (int i = 1; i <= deliveries; i++) {
                started.deliver(i, JSON, "1");
            }
            CompletableFuture<Long> purging = CompletableFuture.supplyAsync(consumer::purge);
            link.expect(QueueMethods.Purge.class).reply(new QueueMethods.PurgeOk(0));
            purging.get(SECONDS, TimeUnit.SECONDS); // the reply follows the deliveries

            CompletableFuture<Void> closing = client.connection().closeAsync(Duration.ofSeconds(SECONDS));
            link.expect(ConnectionMethods.Close.class).reply(ConnectionMethods.CloseOk.INSTANCE);
            closing.get(SECONDS, TimeUnit.SECONDS);
            connectionClosed.countDown();
            Await.until("all are handled", () -> messages.size() == deliveries);
        }
    }

    @Test
    void closedConsumerCallsNoHandler() throws Exception {
        CountDownLatch handling = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(message -> {
                calls.incrementAndGet();
                handling.countDown();
                assertThat(released.await(SECONDS, TimeUnit.SECONDS)).isTrue();
            });
            ScriptedConsumer started = start(client, consumer);
            started.deliver(1, JSON, "1");
            started.deliver(2, JSON, "2");
            assertThat(handling.await(SECONDS, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(consumer::close);
            link.answerChannelClose();
            closing.get(SECONDS, TimeUnit.SECONDS);
            released.countDown();
            client.connection().close(Duration.ZERO);
            assertThat(calls).hasValue(1);
        }
    }

    /** Counts calls. Every body decodes to the empty string. */
    private static final class CountingSerializer implements Serializer {
        final AtomicInteger times = new AtomicInteger();

        @Override
        public String contentType() {
            return "application/x-counting";
        }

        @Override
        public Optional<String> contentEncoding() {
            return Optional.empty();
        }

        @Override
        public byte[] serialize(Object body) {
            return new byte[0];
        }

        @Override
        public Object deserialize(byte[] body) {
            times.incrementAndGet();
            return "";
        }
    }
}
