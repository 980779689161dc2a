package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.Channel;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Consumer;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.LogLines;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A delivery that violates the protocol ends at most two connections in a row. */
class DeliveryQuarantineTest extends ScriptedConsumerTest {
    private final Map<String, AmqpException> cancelled = new ConcurrentHashMap<>();
    private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();

    /** How the frames of a delivery violate the protocol. */
    private enum Violation {
        ROUTING_KEY_LONGER_THAN_ITS_FRAME,
        DELIVERY_TAG_MISSING,
        HEADER_TOO_SHORT,
        HEADER_TOO_LARGE,
        BODY_FRAME_TOO_LARGE,
        BODY_LONGER_THAN_STATED,
        WRONG_FRAME_END,
        METHOD_INSIDE;

        /** The frames of a message with this method. */
        byte[] frames(int channel, Method method) {
            byte[] payload = FrameBytes.payload(method);
            return switch (this) {
                case ROUTING_KEY_LONGER_THAN_ITS_FRAME -> methodFrame(channel, payload, payload.length - 1);
                case DELIVERY_TAG_MISSING -> methodFrame(channel, payload, payload.length - 8);
                default ->
                    FrameBytes.concat(
                            FrameBytes.method(channel, method),
                            switch (this) {
                                case HEADER_TOO_SHORT -> FrameBytes.frame(FrameFormat.HEADER, channel, new byte[11]);
                                case HEADER_TOO_LARGE -> FrameBytes.frameStart(FrameFormat.HEADER, channel, 1 << 24);
                                case WRONG_FRAME_END -> FrameBytes.frame(FrameFormat.HEADER, channel, new byte[14], 0);
                                case METHOD_INSIDE ->
                                    FrameBytes.method(channel, new BasicMethods.Cancel("other", true));
                                default ->
                                    FrameBytes.concat(
                                            FrameBytes.header(channel, 200_000, MessageProperties.EMPTY),
                                            this == BODY_FRAME_TOO_LARGE
                                                    ? FrameBytes.frameStart(FrameFormat.BODY, channel, 200_000)
                                                    : longBody(channel));
                            });
            };
        }

        private static byte[] longBody(int channel) {
            return FrameBytes.concat(FrameBytes.body(channel, 100_001), FrameBytes.body(channel, 100_000));
        }
    }

    private static byte[] methodFrame(int channel, byte[] payload, int length) {
        return FrameBytes.frame(FrameFormat.METHOD, channel, Arrays.copyOf(payload, length));
    }

    private static void violate(ScriptedConsumer consumer, Violation violation) {
        Method deliver = new BasicMethods.Deliver(consumer.tag(), 9, false, "", "q");
        end(consumer.link(), violation.frames(consumer.channel(), deliver));
    }

    /** Sends these bytes, for which the client closes the connection. */
    private static void end(ScriptedLink link, byte[] frames) {
        link.sendRaw(frames);
        assertThat(link.expectConnectionClose().replyCode()).isNotEqualTo(200);
        link.cut();
    }

    private final class Handler implements DeliveryHandler {
        @Override
        public void handle(Delivery delivery) {
            deliveries.add(delivery);
        }

        @Override
        public void cancelled(String consumerTag, AmqpException reason) {
            cancelled.put(consumerTag, reason);
        }
    }

    private ScriptedConsumer consume(Client client, Channel channel, String tag) throws Exception {
        return ScriptedConsumer.start(
                client.link(),
                channel.consumeAsync("q", ConsumeOptions.defaults().consumerTag(tag), new Handler()));
    }

    private static ScriptedConsumer answer(ScriptedLink link, String tag) {
        ScriptedConsumer consumer = ScriptedConsumer.answer(link);
        assertThat(consumer.tag()).isEqualTo(tag);
        return consumer;
    }

    @ParameterizedTest
    @EnumSource
    void consumerWhoseDeliveryEndsTwoConnectionsIsCancelled(Violation violation) throws Exception {
        try (LogLines log = new LogLines();
                Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            ScriptedConsumer bad = consume(client, channel, "bad");
            consume(client, channel, "good");
            violate(bad, violation);

            ScriptedLink second = broker.acceptRestored();
            bad = answer(second, "bad");
            answer(second, "good").deliver(1, MessageProperties.EMPTY, "good");
            bad.deliver(2, MessageProperties.EMPTY, "before the violation");
            client.assertPublishes(second, 1);
            assertThat(cancelled).isEmpty();
            violate(bad, violation);

            ScriptedLink third = broker.acceptRestored();
            answer(third, "good").deliver(1, MessageProperties.EMPTY, "good");
            client.assertPublishes(third, 1);
            Await.until("three deliveries", () -> deliveries.size() == 3);
            assertThat(cancelled).containsOnlyKeys("bad");
            assertThat(cancelled.get("bad"))
                    .isInstanceOf(AmqpConnectionException.class)
                    .hasMessageContaining("it ended 2 connections, the last by ");
            assertThat(log.lines(Level.WARNING)).contains("consumer bad is cancelled, because of a delivery: it ended");
        }
    }

    /** Each consumer of the channel may be the recipient; those of other channels are not. */
    @Test
    void deliveryWithoutReadableConsumerTagIsAttributedToItsChannel() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel first = client.channel();
            consume(client, first, "one");
            ScriptedConsumer two = consume(client, first, "two");
            consume(client, client.channel(), "other");
            byte[] payload = FrameBytes.payload(new BasicMethods.Deliver("one", 1, false, "", "q"));
            byte[] withoutTag = methodFrame(two.channel(), payload, 6);
            end(client.link(), withoutTag);
            ScriptedLink second = broker.acceptRestored();
            for (int i = 0; i < 6; i++) { // two channels in parallel
                ScriptedLink.Frame request = second.next();
                boolean consumes = request.method() instanceof BasicMethods.Consume;
                Method reply = consumes ? new BasicMethods.ConsumeOk("ignored") : BasicMethods.QosOk.INSTANCE;
                second.send(request.channel(), reply);
            }
            end(second, withoutTag);
            ScriptedLink third = broker.acceptRestored();
            answer(third, "other");
            client.assertPublishes(third, 1);
            Await.until("two consumers are cancelled", () -> cancelled.size() == 2);
            assertThat(cancelled).containsOnlyKeys("one", "two");
        }
    }

    @Test
    void linkThatEndsForAnotherReasonAcquitsTheConsumer() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedConsumer consumer = consume(client, client.channel(), "one");
            for (int i = 0; i < 3; i++) {
                violate(consumer, Violation.HEADER_TOO_SHORT);
                ScriptedLink next = broker.acceptRestored();
                consumer = answer(next, "one");
                next.cut();
                consumer = answer(broker.acceptRestored(), "one");
            }
            assertThat(cancelled).isEmpty();
        }
    }

    /** The violation of one channel says nothing about a delivery of another. */
    @Test
    void violationElsewhereIsNotAttributedToAConsumer() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedConsumer consumer = consume(client, client.channel(), "one");
            for (int i = 0; i < 3; i++) {
                consumer.deliver(1, MessageProperties.EMPTY, "good");
                end(consumer.link(), FrameBytes.header(client.publishChannel(), 5, MessageProperties.EMPTY));
                consumer = answer(broker.acceptRestored(), "one");
            }
            assertThat(cancelled).isEmpty();
        }
    }

    @Test
    void cancelledConsumerOfAQueueCanBeStartedAgain() throws Exception {
        BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .onMessage(messages::add)
                    .onCancel(ended::add);
            violate(start(client, consumer), Violation.HEADER_TOO_SHORT);
            violate(ScriptedConsumer.answer(broker.acceptRestored()), Violation.HEADER_TOO_SHORT);
            ScriptedLink third = broker.acceptRestored();
            assertThat(ended.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("audio");
            assertThat(consumer.consumingFrom("audio")).isFalse();
            ScriptedConsumer.start(third, CompletableFuture.supplyAsync(consumer::consume))
                    .deliver(1, JSON, "1");
            assertThat(nextMessage().payload()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void getWhoseReplyEndsTwoConnectionsIsRefused(Violation violation) throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            ScriptedLink link = client.link();
            for (int i = 0; i < 2; i++) {
                CompletableFuture<Optional<Delivery>> getting = channel.getAsync("q", false);
                int number = link.expect(BasicMethods.Get.class).channel();
                end(link, violation.frames(number, new BasicMethods.GetOk(1, false, "", "q", 100_000)));
                link = broker.acceptRestored();
                assertThat(failureOf(getting)).isInstanceOf(AmqpProtocolException.class);
                client.assertPublishes(link, 1);
            }
            assertThat(failureOf(channel.getAsync("q", false)))
                    .isInstanceOf(AmqpConnectionException.class)
                    .hasMessageStartingWith(
                            "basic.get of queue 'q' is not sent on this channel: it ended 2 connections");
            CompletableFuture<Optional<Delivery>> other = channel.getAsync("other", false);
            link.expect(BasicMethods.Get.class).reply(BasicMethods.GetEmpty.INSTANCE);
            assertThat(other.get(SECONDS, TimeUnit.SECONDS)).isEmpty();
        }
    }

    @Test
    void answeredGetAcquitsItsQueue() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            ScriptedLink link = client.link();
            for (int i = 0; i < 3; i++) {
                CompletableFuture<Optional<Delivery>> bad = channel.getAsync("q", false);
                int number = link.expect(BasicMethods.Get.class).channel();
                end(link, Violation.HEADER_TOO_SHORT.frames(number, new BasicMethods.GetOk(1, false, "", "q", 1)));
                link = broker.acceptRestored();
                assertThat(failureOf(bad)).isInstanceOf(AmqpProtocolException.class);
                CompletableFuture<Optional<Delivery>> good = channel.getAsync("q", false);
                link.expect(BasicMethods.Get.class).reply(BasicMethods.GetEmpty.INSTANCE);
                assertThat(good.get(SECONDS, TimeUnit.SECONDS)).isEmpty();
            }
        }
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        return catchThrowable(() -> future.get(SECONDS, TimeUnit.SECONDS)).getCause();
    }
}
