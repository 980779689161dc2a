package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Credentials;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.ReplyCode;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.state.Quarantine;
import dev.holdfast.internal.wire.LongString;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Fills what is kept because of a broker that sends too much, completes nothing, or is gone. */
final class BrokerLimits {
    private static final int FRAME = 100_000;

    private BrokerLimits() {}

    static void message(ScriptedBroker broker) throws Exception {
        ConnectionOptions options =
                broker.options().maxInboundMessageSize(Backlog.MIB).maxDeliveryBacklogBytes(Backlog.MAX);
        try (Client client = broker.connect(options)) {
            BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
            ScriptedConsumer consumer = Backlog.consume(client, received::add);
            int frames = 1 + Backlog.MIB / FRAME;
            begin(consumer, 1, (long) frames * FRAME);
            for (int i = 0; i < frames; i++) {
                assertThat(Backlog.incompleteBytes(client.connection())).isZero();
                client.link().sendRaw(FrameBytes.body(consumer.channel(), FRAME));
            }
            Delivery delivery = received.poll(10, TimeUnit.SECONDS);
            assertThat(delivery).isNotNull();
            assertThat(delivery.decodeError()).hasMessageContaining("maxInboundMessageSize");
        }
    }

    static void messagesOfAllChannels(ScriptedBroker broker) throws Exception {
        ConnectionOptions options =
                broker.options().maxInboundMessageSize(Backlog.MIB).maxDeliveryBacklogBytes(Backlog.MAX);
        try (Client client = broker.connect(options)) {
            BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
            List<ScriptedConsumer> consumers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                consumers.add(Backlog.consume(client, received::add));
            }
            int frames = Backlog.MIB / FRAME;
            for (ScriptedConsumer consumer : consumers) {
                begin(consumer, 1, (long) frames * FRAME);
            }
            for (int i = 0; i < frames; i++) {
                for (ScriptedConsumer consumer : consumers) {
                    client.link().sendRaw(FrameBytes.body(consumer.channel(), FRAME));
                    assertThat(Backlog.incompleteBytes(client.connection())).isLessThanOrEqualTo(2L * Backlog.MAX);
                }
            }
            int readable = 0;
            for (int i = 0; i < consumers.size(); i++) {
                Delivery delivery = received.poll(10, TimeUnit.SECONDS);
                assertThat(delivery).isNotNull();
                readable += delivery.decodeError() == null ? 1 : 0;
            }
            assertThat(readable).isBetween(1, consumers.size() - 1);
            Await.until("all is given back", () -> Backlog.incompleteBytes(client.connection()) == 0);
        }
    }

    private static void begin(ScriptedConsumer consumer, long tag, long bodySize) {
        consumer.link()
                .sendRaw(FrameBytes.concat(
                        FrameBytes.method(
                                consumer.channel(), new BasicMethods.Deliver(consumer.tag(), tag, false, "", "q")),
                        FrameBytes.header(consumer.channel(), bodySize, MessageProperties.EMPTY)));
    }

    /** Each client has a broker of its own, to which it may connect again before it is closed. */
    static void frame(ScriptedBroker unused) throws Exception {
        int[] tooLarge = {131_072, 1 << 24};
        int[] types = {FrameFormat.BODY, FrameFormat.HEADER};
        for (int i = 0; i < types.length; i++) {
            try (ScriptedBroker broker = ScriptedBroker.start();
                    Client client = broker.connect(broker.options())) {
                client.link().sendRaw(FrameBytes.frameStart(types[i], client.publishChannel(), tooLarge[i]));
                assertThat(client.link().expectConnectionClose().replyCode()).isEqualTo(501);
            }
        }
    }

    static void quarantinedRequests(ScriptedBroker broker) {
        Quarantine<Integer> quarantine = new Quarantine<>();
        AmqpProtocolException cause = new AmqpProtocolException("violation", ReplyCode.FRAME_ERROR, null);
        int requests = 5000;
        for (int request = 0; request < requests; request++) {
            quarantine.recordFault(request, cause);
            quarantine.recordFault(request, cause);
        }
        int refused = 0;
        for (int request = 0; request < requests; request++) {
            refused += quarantine.refusal(request, false) == null ? 0 : 1;
        }
        assertThat(refused).isEqualTo(1024);
        assertThat(quarantine.refusal(requests - 1, false)).isNotNull();
    }

    /** Every connection ends in a violation, and the broker closes none of its sockets. */
    static void sockets(ScriptedBroker broker) throws Exception {
        Client client = broker.connect(broker.options().closeTimeout(Duration.ofHours(1)));
        List<ScriptedLink> links = new ArrayList<>(List.of(client.link()));
        for (int i = 1; i <= 10; i++) {
            ScriptedLink last = links.get(i - 1);
            last.send(0, new ConnectionMethods.Secure(LongString.of("out of place")));
            last.expectConnectionClose();
            links.add(broker.acceptRestored());
        }
        for (ScriptedLink link : links.subList(0, links.size() - 8)) {
            link.expectEnd();
        }
        links.get(links.size() - 1).cut();
        client.close();
    }

    static void lookups(ScriptedBroker broker) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        CountDownLatch released = new CountDownLatch(1);
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void connectFailed(AmqpException cause) {
                failures.incrementAndGet();
            }
        };
        ConnectionOptions options = broker.options()
                .connectTimeout(Duration.ofMillis(50))
                .listener(listener)
                .credentials(() -> {
                    calls.incrementAndGet();
                    while (released.getCount() > 0) {
                        try {
                            released.await();
                        } catch (InterruptedException e) {
                            // ignored: this supplier is the one that the limit is for
                        }
                    }
                    return new Credentials("guest", "guest");
                });
        RetryPolicy policy = RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO);
        try (Connection connection = Connection.lazy(options)) {
            CompletableFuture<Connection> unused = connection.ensureConnectionAsync(policy);
            Await.until("ten failed rounds", () -> failures.get() >= 10);
            assertThat(calls.get()).isEqualTo(1);
        } finally {
            released.countDown();
        }
    }
}
