package dev.holdfast.testkit;

import static dev.holdfast.testkit.RawClient.contentHeader;
import static dev.holdfast.testkit.RawClient.frame;
import static dev.holdfast.testkit.RawClient.ints;
import static dev.holdfast.testkit.RawClient.join;
import static dev.holdfast.testkit.RawClient.message;
import static dev.holdfast.testkit.RawClient.publishMethod;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.DeliverCallback;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.MessageProperties;
import java.io.DataInputStream;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscardingBrokerTest {
    private static DiscardingBroker shared;

    @BeforeAll
    static void start() {
        shared = DiscardingBroker.start(ConfirmMode.PER_READ);
    }

    @AfterAll
    static void stop() {
        shared.close();
    }

    private static ConnectionFactory factory(DiscardingBroker broker) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(broker.uri());
        factory.setAutomaticRecoveryEnabled(false);
        return factory;
    }

    @ParameterizedTest
    @EnumSource(
            value = ConfirmMode.class,
            names = {"PER_READ", "PER_MESSAGE"})
    void everyMessageIsConfirmedAndCounted(ConfirmMode mode) throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.start(mode);
                Connection connection = factory(broker).newConnection()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            for (int i = 0; i < 5000; i++) {
                channel.basicPublish("exchange", "key", MessageProperties.PERSISTENT_BASIC, new byte[i % 100]);
            }
            channel.waitForConfirmsOrDie(20_000);

            assertThat(broker.messages()).isEqualTo(5000);
            assertThat(broker.bytes()).isEqualTo(50 * 99 * 50);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 300_000})
    void messagesOfAPreparedQueueAreDelivered(int size) throws Exception {
        int count = size > 1000 ? 20 : 5000;
        BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
        try (Connection connection = factory(shared).newConnection()) {
            Channel channel = connection.createChannel();
            DeliverCallback onDelivery = (tag, delivery) -> deliveries.add(delivery);
            channel.basicConsume(DiscardingBroker.deliveryQueue(size, count), true, onDelivery, tag -> {});

            for (int i = 1; i <= count; i++) {
                Delivery delivery = deliveries.poll(20, TimeUnit.SECONDS);
                assertThat(delivery).as("delivery %s", i).isNotNull();
                assertThat(delivery.getEnvelope().getDeliveryTag()).isEqualTo(i);
                assertThat(delivery.getProperties().getContentType()).isEqualTo("application/data");
                assertThat(delivery.getBody()).hasSize(size);
            }
            channel.basicQos(1);
            assertThat(deliveries).as("deliveries beyond the prepared count").isEmpty();
        }
    }

    @Test
    void noDeliveryFollowsCancelOk() throws Exception {
        byte[] queue = DiscardingBroker.deliveryQueue(100, 1_000_000_000).getBytes(US_ASCII);
        byte[] consumeArguments = join(new byte[] {0, 0, (byte) queue.length}, queue, new byte[] {1, 't'});
        try (RawClient client = RawClient.ready(shared.port())) {
            client.send(frame(1, 1, ints(60 << 16 | 20), consumeArguments, new byte[] {2}, ints(0)));
            client.receive(60, 60);

            client.send(frame(1, 1, ints(60 << 16 | 30), new byte[] {1, 't', 0}));
            client.receive(60, 31);
            client.send(frame(1, 0, ints(10 << 16 | 50), new byte[] {0, (byte) 200, 0, 0, 0, 0, 0}));
            assertThat(client.receiveRest()).isEqualTo(frame(1, 0, ints(10 << 16 | 51)));
        }
    }

    @Test
    void perMessageModeSendsOneAckPerMessage() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_MESSAGE);
                RawClient client = RawClient.ready(broker.port())) {
            client.send(join(message(1, new byte[3]), message(1), message(1, new byte[5], new byte[5])));
            for (long tag = 1; tag <= 3; tag++) {
                DataInputStream ack = client.receive(60, 80);
                assertThat(ack.readLong()).isEqualTo(tag);
                assertThat(ack.readByte()).isZero();
            }
        }
    }

    @Test
    void perReadModeSendsOneMultipleAckPerRead() throws Exception {
        try (RawClient client = RawClient.ready(shared.port())) {
            client.send(join(message(1, new byte[3]), message(1), message(1, new byte[5], new byte[5])));
            long tag = 0;
            while (tag < 3) {
                DataInputStream ack = client.receive(60, 80);
                tag = ack.readLong();
                assertThat(ack.readByte()).isEqualTo((byte) 1);
            }
            assertThat(tag).isEqualTo(3);
        }
    }

    @Test
    void neverModeSendsNoAck() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.NEVER);
                RawClient client = RawClient.ready(broker.port())) {
            client.send(message(1, new byte[3]));
            client.send(frame(1, 1, ints(20 << 16 | 40), new byte[] {0, 0, 0}, ints(0)));
            client.send(frame(1, 0, ints(10 << 16 | 50), new byte[] {0, 0, 0}, ints(0)));
            byte[] channelCloseOk = frame(1, 1, ints(20 << 16 | 41));
            byte[] connectionCloseOk = frame(1, 0, ints(10 << 16 | 51));
            assertThat(client.receiveRest()).isEqualTo(join(channelCloseOk, connectionCloseOk));
            assertThat(broker.messages()).isEqualTo(1);
        }
    }

    @Test
    void dueAckIsSentBeforeChannelCloseOk() throws Exception {
        try (RawClient client = RawClient.ready(shared.port())) {
            client.send(join(message(1, new byte[3]), frame(1, 1, ints(20 << 16 | 40), new byte[] {0, 0, 0}, ints(0))));
            assertThat(client.receive(60, 80).readLong()).isEqualTo(1);
            client.receive(20, 41);
            client.send(frame(1, 1, ints(20 << 16 | 10), new byte[] {0}));
            client.receive(20, 11);
        }
    }

    @Test
    void framesAreParsedByteByByte() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_READ);
                RawClient client = RawClient.ready(broker.port())) {
            for (byte octet : message(1, new byte[7], new byte[2])) {
                client.send(new byte[] {octet});
            }
            assertThat(client.receive(60, 80).readLong()).isEqualTo(1);
            assertThat(broker.bytes()).isEqualTo(9);
        }
    }

    @Test
    void bodyLargerThanTheReadBufferIsAccepted() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_READ, new TuneParameters(10, 0, 0));
                Connection connection = factory(broker).newConnection()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.basicPublish("", "q", null, new byte[3 << 20]);
            channel.basicPublish("", "q", null, new byte[1]);
            channel.waitForConfirmsOrDie(20_000);
            assertThat(broker.messages()).isEqualTo(2);
            assertThat(broker.bytes()).isEqualTo((3 << 20) + 1);
        }
    }

    @Test
    void messagesOnManyChannelsAreConfirmed() throws Exception {
        try (Connection connection = factory(shared).newConnection()) {
            Channel[] channels = new Channel[40];
            for (int i = 0; i < channels.length; i++) {
                channels[i] = connection.createChannel();
                channels[i].confirmSelect();
            }
            for (int round = 0; round < 20; round++) {
                for (Channel channel : channels) {
                    channel.basicPublish("", "q", null, new byte[10]);
                }
            }
            for (Channel channel : channels) {
                channel.waitForConfirmsOrDie(20_000);
            }
        }
    }

    @Test
    void everySynchronousMethodIsAnswered() throws Exception {
        try (Connection connection = factory(shared).newConnection()) {
            Channel channel = connection.createChannel();
            channel.exchangeDeclare("e", BuiltinExchangeType.TOPIC, true, false, Map.of("alternate-exchange", "f"));
            channel.exchangeDeclarePassive("e");
            channel.exchangeDeclareNoWait("e", "topic", true, false, false, null);
            channel.exchangeBind("e", "f", "#");
            channel.exchangeUnbind("e", "f", "#");
            assertThat(channel.queueDeclare("queue", true, false, false, null).getQueue())
                    .isEqualTo("queue");
            assertThat(channel.queueDeclare().getQueue()).startsWith("amq.gen-");
            assertThat(channel.messageCount("queue")).isZero();
            channel.queueDeclareNoWait("queue", true, false, false, null);
            channel.queueBind("queue", "e", "key", Map.of("x", 1));
            channel.queueBindNoWait("queue", "e", "key", null);
            channel.queueUnbind("queue", "e", "key");
            assertThat(channel.queuePurge("queue").getMessageCount()).isZero();
            assertThat(channel.basicGet("queue", false)).isNull();
            channel.basicQos(100);
            DeliverCallback noop = (tag, delivery) -> {};
            BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
            CancelCallback onCancel = cancelled::add;
            assertThat(channel.basicConsume("queue", true, "tag", noop, onCancel))
                    .isEqualTo("tag");
            assertThat(channel.basicConsume("queue", noop, onCancel)).startsWith("amq.ctag-");
            channel.basicCancel("tag");
            channel.basicRecover();
            channel.basicAck(1, true);
            channel.basicReject(1, true);
            channel.basicNack(1, true, true);
            channel.queueDelete("queue");
            channel.queueDeleteNoWait("queue", false, false);
            channel.exchangeDelete("e");
            channel.exchangeDeleteNoWait("e", false);
            channel.txSelect();
            channel.txCommit();
            channel.txRollback();
            channel.close();
            assertThat(cancelled).isEmpty();
        }
    }

    @Test
    void anyCredentialsAreAccepted() throws Exception {
        ConnectionFactory factory = factory(shared);
        factory.setUsername("any user");
        factory.setPassword("any password");
        factory.setVirtualHost("any-host");
        try (Connection connection = factory.newConnection()) {
            assertThat(connection.isOpen()).isTrue();
        }
        factory.setSaslConfig(DefaultSaslConfig.EXTERNAL);
        try (Connection connection = factory.newConnection()) {
            assertThat(connection.isOpen()).isTrue();
        }
    }

    @Test
    void updateSecretIsAnswered() throws Exception {
        try (RawClient client = RawClient.ready(shared.port())) {
            client.send(frame(1, 0, ints(10 << 16 | 70, 1), new byte[] {'s', 1, 'r'}));
            client.receive(10, 71);
        }
    }

    @Test
    void givenTuneParametersAreProposed() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_READ, new TuneParameters(7, 8192, 11));
                Connection connection = factory(broker).newConnection()) {
            assertThat(connection.getChannelMax()).isEqualTo(7);
            assertThat(connection.getFrameMax()).isEqualTo(8192);
            assertThat(connection.getHeartbeat()).isEqualTo(11);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new TuneParameters(1, 100, 0));
    }

    @Test
    void wrongProtocolHeaderIsAnsweredWithTheSupportedOne() throws Exception {
        try (RawClient client = new RawClient(shared.port())) {
            client.send(new byte[] {'A', 'M', 'Q', 'P', 1, 1, 0, 9});
            assertThat(client.receiveRest()).isEqualTo(RawClient.PROTOCOL);
        }
    }

    static Stream<Arguments> violations() throws Exception {
        byte[] bodyWithBadEnd = message(1, new byte[10]);
        bodyWithBadEnd[bodyWithBadEnd.length - 1] = 0;
        byte[] methodWithBadEnd = publishMethod(1);
        methodWithBadEnd[methodWithBadEnd.length - 1] = 0;
        return Stream.of(
                Arguments.of("bad end of a body frame", 501, bodyWithBadEnd),
                Arguments.of("bad end of a method frame", 501, methodWithBadEnd),
                Arguments.of("frame too large", 501, join(new byte[] {3, 0, 1}, ints(131_065))),
                Arguments.of("negative size", 501, join(new byte[] {1, 0, 1}, ints(-1))),
                Arguments.of("unknown frame type", 501, frame(4, 1)),
                Arguments.of("heartbeat with a payload", 501, frame(8, 0, new byte[1])),
                Arguments.of(
                        "body longer than declared",
                        501,
                        join(publishMethod(1), contentHeader(1, 5), frame(3, 1, new byte[6]))),
                Arguments.of("content header cut short", 501, join(publishMethod(1), frame(2, 1, new byte[13]))),
                Arguments.of("arguments cut short", 502, frame(1, 1, ints(50 << 16 | 10, 0x0000_FF61))),
                Arguments.of("second tune-ok", 503, frame(1, 0, ints(10 << 16 | 31, 0, 0))),
                Arguments.of("queue.declare on channel 0", 503, frame(1, 0, ints(50 << 16 | 10, 0))),
                Arguments.of("channel never opened", 504, message(9, new byte[1])),
                Arguments.of("channel opened twice", 504, frame(1, 1, ints(20 << 16 | 10), new byte[1])),
                Arguments.of("body without publish", 505, frame(3, 1, new byte[1])),
                Arguments.of("header without publish", 505, contentHeader(1, 1)),
                Arguments.of("publish inside of content", 505, join(publishMethod(1), publishMethod(1))),
                Arguments.of(
                        "method inside of content",
                        505,
                        join(publishMethod(1), contentHeader(1, 9), frame(1, 1, ints(60 << 16 | 10, 0, 0)))),
                Arguments.of("unknown method", 540, frame(1, 1, ints(77 << 16 | 10))));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("violations")
    void protocolViolationClosesTheConnection(String name, int code, byte[] bytes) throws Exception {
        try (RawClient client = RawClient.ready(shared.port())) {
            client.send(bytes);
            assertThat(client.receiveCloseCode()).as(name).isEqualTo(code);
            assertThat(client.receiveRest()).isEmpty();
        }
    }

    @Test
    void frameOverTheMinimumIsRefusedBeforeTune() throws Exception {
        try (RawClient client = new RawClient(shared.port())) {
            client.send(RawClient.PROTOCOL);
            client.receive(10, 10);
            client.send(frame(1, 0, ints(10 << 16 | 11), new byte[4090]));
            assertThat(client.receiveCloseCode()).isEqualTo(501);
        }
    }

    @Test
    void heartbeatsAreSentAndASilentClientIsDisconnected() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_READ, new TuneParameters(10, 8192, 1));
                RawClient client = new RawClient(broker.port())) {
            client.send(RawClient.PROTOCOL);
            client.receive(10, 10);
            client.send(frame(1, 0, ints(10 << 16 | 11, 0), new byte[] {0}, ints(0), new byte[] {0}));
            client.receive(10, 30);
            client.send(frame(1, 0, ints(10 << 16 | 31), new byte[] {0, 10}, ints(8192), new byte[] {0, 1}));
            client.send(frame(1, 0, ints(10 << 16 | 40), new byte[] {1, '/', 0, 0}));
            client.receive(10, 41);

            client.receive(0, 0);
            byte[] rest = client.receiveRest();

            assertThat(rest.length).isBetween(8, 80);
        }
    }

    @Test
    void forkedBrokerConfirmsAndCounts() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_MESSAGE, new TuneParameters(5, 4096, 0));
                Connection connection = factory(broker).newConnection()) {
            assertThat(connection.getFrameMax()).isEqualTo(4096);
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.basicPublish("", "q", null, new byte[10_000]);
            channel.waitForConfirmsOrDie(20_000);
            assertThat(broker.messages()).isEqualTo(1);
            assertThat(broker.bytes()).isEqualTo(10_000);
        }
    }

    @Test
    void closeEndsTheForkedJvm() throws Exception {
        DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_READ);
        Connection connection = factory(broker).newConnection();
        BlockingQueue<Boolean> shutdowns = new LinkedBlockingQueue<>();
        connection.addShutdownListener(cause -> shutdowns.add(true));

        broker.close();
        broker.close();

        assertThat(shutdowns.poll(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void closeDropsConnections() throws Exception {
        DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.NEVER);
        try (RawClient client = RawClient.ready(broker.port())) {
            broker.close();
            broker.close();
            assertThat(client.receiveRest()).isEmpty();
        }
        assertThatIOException().isThrownBy(() -> new RawClient(broker.port()).close());
    }

    @Test
    void unknownOptionsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> DiscardingBroker.main(new String[] {"--wat"}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DiscardingBroker.main(new String[] {"--confirms", "sometimes"}))
                .withMessageContaining("per-read");
    }
}
