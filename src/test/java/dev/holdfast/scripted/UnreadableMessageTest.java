package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Consumer;
import dev.holdfast.DecodeException;
import dev.holdfast.Delivery;
import dev.holdfast.Message;
import dev.holdfast.MessageProperties;
import dev.holdfast.Queue;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.SerializationException;
import dev.holdfast.SimpleQueue;
import dev.holdfast.UnroutableException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A message that cannot be read reaches its handler with the reason, and affects nothing else of its connection. */
class UnreadableMessageTest extends ScriptedConsumerTest {
    private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    private final BlockingQueue<SerializationException> errors = new LinkedBlockingQueue<>();

    private ConnectionOptions limited() {
        return broker.options().maxInboundMessageSize(UnreadableMessage.MAX_BODY);
    }

    @ParameterizedTest
    @EnumSource
    void consumerReceivesAndSettlesIt(UnreadableMessage kind) throws Exception {
        try (Client client = broker.connect(limited())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            ScriptedConsumer consumer = ScriptedConsumer.start(
                    link, channel.consumeAsync("audio", ConsumeOptions.defaults(), deliveries::add));
            MessageProperties good = MessageProperties.EMPTY.messageId("good");
            for (int tag = 1; tag <= 5; tag += 2) { // each twice: equal bytes are decoded once
                consumer.deliver(tag, good, "good");
                sendUnreadable(consumer, tag + 1, kind);
            }
            for (int tag = 1; tag <= 5; tag += 2) {
                Delivery before = nextDelivery();
                assertThat(before.properties().messageId()).isEqualTo("good");
                assertThat(before.decodeError()).isNull();
                Delivery unreadable = nextDelivery();
                assertUnreadable(unreadable, kind);
                assertThat(unreadable.deliveryTag()).isEqualTo(tag + 1);
                assertThat(unreadable.routingKey()).isEqualTo("audio");
                channel.reject(unreadable, false);
                assertThat(link.expect(BasicMethods.Reject.class).method())
                        .isEqualTo(new BasicMethods.Reject(tag + 1, false));
            }
            client.assertPublishes(link, 1);
        }
    }

    private static void sendUnreadable(ScriptedConsumer consumer, long tag, UnreadableMessage kind) {
        BasicMethods.Deliver deliver = new BasicMethods.Deliver(
                consumer.tag(), tag, false, "", consumer.request().queue());
        consumer.link()
                .sendRaw(FrameBytes.concat(
                        FrameBytes.method(consumer.channel(), deliver), kind.content(consumer.channel())));
    }

    private Delivery nextDelivery() throws InterruptedException {
        Delivery next = deliveries.poll(SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("delivery").isNotNull();
        return next;
    }

    private static void assertUnreadable(Delivery delivery, UnreadableMessage kind) {
        assertThat(delivery.decodeError()).hasMessageContaining(kind.reason);
        assertThat(delivery.toString()).contains("unreadable: ", kind.reason);
        if (kind.hasBody()) {
            assertThat(delivery.body()).isEqualTo(kind.body());
            assertThat(delivery.bodyLength()).isEqualTo(kind.body().length);
            assertThatThrownBy(delivery::properties)
                    .isInstanceOf(DecodeException.class)
                    .isNotSameAs(delivery.decodeError())
                    .hasMessageContaining(kind.reason);
        } else {
            assertThat(delivery.properties().messageId()).isEqualTo("large");
            assertThat(delivery.bodyLength()).isZero();
            assertThatThrownBy(delivery::body).hasMessageContaining(kind.reason);
        }
    }

    @ParameterizedTest
    @EnumSource
    void consumerWithCallbacksPassesItToOnDecodeError(UnreadableMessage kind) throws Exception {
        try (Client client = broker.connect(limited())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> messages.add(message))
                    .onDecodeError((message, error) -> {
                        errors.add(error);
                        messages.add(message);
                    });
            ScriptedConsumer started = start(client, consumer);
            sendUnreadable(started, 1, kind);
            started.deliver(2, JSON, "\"good\"");
            Message unreadable = nextMessage();
            assertThat(errors.poll()).isInstanceOf(DecodeException.class).hasMessageContaining(kind.reason);
            assertThat(unreadable.toString()).contains(kind.reason);
            assertThatThrownBy(unreadable::payload).hasMessageContaining(kind.reason);
            assertThatThrownBy(() -> unreadable.payload(Map.class)).hasMessageContaining(kind.reason);
            assertThat(nextMessage().payload()).isEqualTo("good");
            unreadable.requeue();
            assertThat(client.link().expect(BasicMethods.Reject.class).method())
                    .isEqualTo(new BasicMethods.Reject(1, true));
        }
    }

    /** By default it is rejected, and the next message is handled. */
    @Test
    void consumerWithoutOnDecodeErrorContinues() throws Exception {
        try (Client client = broker.connect(limited())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> messages.add(message));
            ScriptedConsumer started = start(client, consumer);
            int tag = 1;
            for (UnreadableMessage kind : UnreadableMessage.values()) {
                sendUnreadable(started, tag++, kind);
            }
            started.deliver(100, JSON, "\"good\"");
            assertThat(nextMessage().deliveryTag()).isEqualTo(100);
            for (int rejected = 1; rejected < tag; rejected++) {
                assertThat(client.link().expect(BasicMethods.Reject.class).method())
                        .isEqualTo(new BasicMethods.Reject(rejected, false));
            }
            client.assertPublishes(client.link(), 1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void getReturnsIt(boolean noAck) throws Exception {
        try (Client client = broker.connect(limited())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            for (UnreadableMessage kind : UnreadableMessage.values()) {
                CompletableFuture<Optional<Delivery>> getting = channel.getAsync("q", noAck);
                sendUnreadable(link.expect(BasicMethods.Get.class), kind);
                Delivery delivery = getting.get(SECONDS, TimeUnit.SECONDS).orElseThrow();
                assertUnreadable(delivery, kind);
                assertThat(delivery.messageCount()).isEqualTo(3);
                if (!noAck) {
                    channel.ack(delivery);
                    assertThat(link.expect(BasicMethods.Ack.class).method().deliveryTag())
                            .isEqualTo(7);
                }
            }
            client.assertPublishes(link, 1);
        }
    }

    private static void sendUnreadable(Received<BasicMethods.Get> get, UnreadableMessage kind) {
        get.link()
                .sendRaw(FrameBytes.concat(
                        FrameBytes.method(get.channel(), new BasicMethods.GetOk(7, false, "", "q", 3)),
                        kind.content(get.channel())));
    }

    @Test
    void simpleQueueReturnsIt() throws Exception {
        try (Client client = broker.connect(limited())) {
            ScriptedLink link = client.link();
            CompletableFuture<SimpleQueue> opening = CompletableFuture.supplyAsync(
                    () -> client.connection().simpleQueue(Queue.of("jobs").passive(true)));
            link.openChannel();
            link.answerQueueDeclare("jobs");
            SimpleQueue jobs = opening.get(SECONDS, TimeUnit.SECONDS);
            for (UnreadableMessage kind : UnreadableMessage.values()) {
                CompletableFuture<Optional<Message>> getting = CompletableFuture.supplyAsync(jobs::getNow);
                sendUnreadable(link.expect(BasicMethods.Get.class), kind);
                Message message = getting.get(SECONDS, TimeUnit.SECONDS).orElseThrow();
                assertThatThrownBy(message::payload).hasMessageContaining(kind.reason);
                message.reject();
                assertThat(link.expect(BasicMethods.Reject.class).method())
                        .isEqualTo(new BasicMethods.Reject(7, false));
            }
            client.assertPublishes(link, 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void publishWhoseReturnCannotBeReadHasItsOutcome(UnreadableMessage kind) throws Exception {
        BlockingQueue<ReturnedMessage> returns = new LinkedBlockingQueue<>();
        try (Client client = broker.connect(limited().onReturn(returns::add))) {
            ScriptedLink link = client.link();
            byte[] body = kind.hasBody() ? kind.body() : new byte[UnreadableMessage.MAX_BODY + 1];
            CompletableFuture<Confirmation> other =
                    client.connection().producer().publishAsync("other", NO_RETRY.mandatory(true));
            CompletableFuture<Confirmation> returned =
                    client.connection().producer().publishAsync(body, NO_RETRY.mandatory(true));
            Published first = link.expectPublish();
            Published second = link.expectPublish();
            BasicMethods.Return back = new BasicMethods.Return(312, "NO_ROUTE", "", "q");
            link.sendRaw(FrameBytes.concat(FrameBytes.method(second.channel(), back), kind.content(second.channel())));
            link.ackAllUpTo(first.channel(), 2);
            assertThat(returned)
                    .failsWithin(SECONDS, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(UnroutableException.class);
            PublishOutcome.confirmed(other);
            ReturnedMessage message = returns.poll(SECONDS, TimeUnit.SECONDS);
            assertThat(message.decodeError()).hasMessageContaining(kind.reason);
            assertThat(message.toString()).contains(kind.reason);
            assertThatThrownBy(kind.hasBody() ? message::properties : message::body)
                    .isInstanceOf(DecodeException.class);
        }
    }

    /** The frame is larger than frame-max, which does not limit headers; its properties are readable. */
    @Test
    void headersLargerThanFrameMaxAreRead() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            ScriptedConsumer consumer = ScriptedConsumer.start(
                    client.link(), channel.consumeAsync("q", ConsumeOptions.defaults(), deliveries::add));
            byte[] large = new byte[10 << 20];
            consumer.deliver(1, MessageProperties.EMPTY.headers(Map.of("x", large)), "body");
            Delivery delivery = nextDelivery();
            assertThat(delivery.decodeError()).isNull();
            assertThat(delivery.properties().headers()).containsEntry("x", large);
        }
    }
}
