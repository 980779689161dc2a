package dev.holdfast.scripted;

import static dev.holdfast.testkit.FaultProxy.Direction.TO_BROKER;
import static dev.holdfast.testkit.FaultProxy.Direction.TO_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.HeartbeatTimeoutException;
import dev.holdfast.Producer;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.ReplyCode;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.DirectMemory;
import dev.holdfast.testkit.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults of the network: every publish has an outcome with a typed cause, and the session recovers. */
class NetworkFaultsTest {
    private static final int ACK_FRAME = 21;
    private static final PublishOptions NO_RETRY = PublishOptions.to("", "q");
    private static final PublishOptions WITH_RETRY = NO_RETRY.retry();

    private InMemoryBroker broker;
    private FaultProxy proxy;
    private Connection connection;
    private Producer producer;

    @BeforeEach
    void connect() throws Exception {
        broker = InMemoryBroker.start();
        proxy = FaultProxy.to(broker.port());
        connect(options());
    }

    private ConnectionOptions options() {
        return ConnectionOptions.parse(proxy.uri(broker.uri()))
                .reconnectBackoff(Duration.ofMillis(1), Duration.ofMillis(5))
                .closeTimeout(Duration.ofSeconds(10))
                .heartbeat(Duration.ZERO);
    }

    private void connect(ConnectionOptions options) {
        if (connection != null) {
            connection.close(Duration.ZERO);
        }
        connection = Connection.open(options);
        producer = connection.producer();
    }

    @AfterEach
    void close() throws Exception {
        connection.close(Duration.ZERO);
        proxy.close();
        broker.close();
    }

    /** Publishes a message that reaches the broker, and withholds its ack. */
    private CompletableFuture<Confirmation> publishUnconfirmed(PublishOptions options, String body) throws Exception {
        proxy.stall(TO_CLIENT);
        CompletableFuture<Confirmation> publish = producer.publishAsync(body, options);
        List<String> received = new ArrayList<>();
        Await.until("'" + body + "' at the broker", () -> {
            broker.takeMessages().forEach(message -> received.add(message.text()));
            return received.contains(body);
        });
        return publish;
    }

    private void assertLost(CompletableFuture<Confirmation> once, CompletableFuture<Confirmation> retried)
            throws Exception {
        PublishException lost = PublishOutcome.failed(once, DeliveryStatus.UNKNOWN);
        assertThat(lost.getCause())
                .isInstanceOfSatisfying(
                        AmqpConnectionException.class,
                        cause -> assertThat(cause.initiator()).isEqualTo(Initiator.NETWORK))
                .hasMessageStartingWith("connection lost: ");
        assertThat(PublishOutcome.confirmed(retried).attempts()).isEqualTo(2);
        PublishOutcome.confirmed(producer.publishAsync("after", NO_RETRY));
        assertThat(proxy.acceptedConnections()).isEqualTo(2);
    }

    @Test
    void tcpResetLosesTheLink() throws Exception {
        CompletableFuture<Confirmation> once = publishUnconfirmed(NO_RETRY, "once");
        CompletableFuture<Confirmation> retried = publishUnconfirmed(WITH_RETRY, "again");
        proxy.resetNow();
        proxy.resume(TO_CLIENT);
        assertLost(once, retried);
    }

    @Test
    void halfCloseByTheBrokerLosesTheLink() throws Exception {
        CompletableFuture<Confirmation> once = publishUnconfirmed(NO_RETRY, "once");
        CompletableFuture<Confirmation> retried = publishUnconfirmed(WITH_RETRY, "again");
        proxy.halfClose(TO_CLIENT);
        proxy.resume(TO_CLIENT);
        assertLost(once, retried);
    }

    @Test
    void halfCloseTowardsTheBrokerLosesTheLinkWhenTheBrokerCloses() throws Exception {
        proxy.stall(TO_BROKER);
        CompletableFuture<Confirmation> once = producer.publishAsync("once", NO_RETRY);
        CompletableFuture<Confirmation> retried = producer.publishAsync("again", WITH_RETRY);
        proxy.halfClose(TO_BROKER);
        proxy.resume(TO_BROKER);
        assertThat(PublishOutcome.failure(once)).isInstanceOf(PublishException.class);
        PublishOutcome.confirmed(retried);
        assertThat(broker.takeMessages())
                .extracting(ScriptedLink.Published::text)
                .containsExactly("again");
        assertThat(proxy.acceptedConnections()).isEqualTo(2);
    }

    @Test
    void splitSegmentsCauseNoLoss() throws Exception {
        proxy.split(true);
        connect(options());
        List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            bodies.add("message " + i);
            publishes.add(producer.publishAsync(bodies.get(i), WITH_RETRY.declare(Queue.of("q"))));
        }
        for (CompletableFuture<Confirmation> publish : publishes) {
            assertThat(PublishOutcome.confirmed(publish).attempts()).isEqualTo(1);
        }
        assertThat(broker.takeMessages())
                .extracting(ScriptedLink.Published::text)
                .isEqualTo(bodies);
        assertThat(proxy.acceptedConnections()).isEqualTo(2);
    }

    @Test
    void delayAndLowBandwidthCauseNoLoss() throws Exception {
        proxy.delay(TO_BROKER, Duration.ofMillis(20));
        proxy.delay(TO_CLIENT, Duration.ofMillis(20));
        proxy.throttle(20_000);
        connect(options());
        for (int i = 0; i < 5; i++) {
            assertThat(producer.publish("message " + i, WITH_RETRY).attempts()).isEqualTo(1);
        }
        assertThat(proxy.acceptedConnections()).isEqualTo(2);
    }

    @Test
    void corruptFrameEndIsAFrameErrorAndReconnects() throws Exception {
        // Each connection receives the same bytes: its first ack follows as many bytes as the first one has received.
        proxy.corrupt(TO_CLIENT, proxy.bytes(TO_CLIENT) + ACK_FRAME - 1, 0x01);
        connect(options());
        assertThat(broker.nextClose().replyCode()).isEqualTo(ReplyCode.REPLY_SUCCESS.code()); // of the first connection
        PublishException failed =
                PublishOutcome.failed(producer.publishAsync("once", NO_RETRY), DeliveryStatus.UNKNOWN);
        assertThat(broker.nextClose().replyCode()).isEqualTo(ReplyCode.FRAME_ERROR.code());
        assertThat(failed)
                .hasRootCauseInstanceOf(AmqpProtocolException.class)
                .hasRootCauseMessage("frame end: 0xcf (expected: 0xce)");
        PublishOutcome.confirmed(producer.publishAsync("after", NO_RETRY));
        assertThat(proxy.acceptedConnections()).isEqualTo(3);
    }

    @Test
    void frameCorruptedTowardsTheBrokerIsRetriedOnANewConnection() throws Exception {
        proxy.corrupt(TO_BROKER, proxy.bytes(TO_BROKER), 0xFF);
        connect(options());
        assertThat(PublishOutcome.confirmed(producer.publishAsync("again", WITH_RETRY))
                        .attempts())
                .isEqualTo(2);
        assertThat(proxy.acceptedConnections()).isEqualTo(3);
    }

    @Test
    void stalledPeerBreaksNeitherDeadlinesNorMemoryBounds() throws Exception {
        int bound = 4 << 20;
        connect(options().maxUnconfirmedBytes(bound));
        PublishOutcome.confirmed(producer.publishAsync("all is well", NO_RETRY));
        long before = DirectMemory.used();
        proxy.stall(TO_BROKER);
        PublishOptions options = NO_RETRY.timeout(Duration.ofMillis(300));
        List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
        // Longer deadlines than those of the others: no expiry frees room for a publish that waits for it.
        for (int i = 0; i < 300; i++) {
            publishes.add(producer.publishAsync(new byte[10_000], NO_RETRY.timeout(Duration.ofMillis(1500))));
        }
        boolean refused = false;
        while (!refused) {
            CompletableFuture<Confirmation> publish = producer.publishAsync(new byte[10_000], options);
            publishes.add(publish);
            refused = publish.isCompletedExceptionally()
                    && ((PublishException) PublishOutcome.failure(publish)).delivery() == DeliveryStatus.NOT_SENT;
            assertThat(publishes.size()).as("admitted without a confirm").isLessThan(1_000);
        }
        // Beside the window, the transport's write queue and pooled segments take memory.
        long taken = DirectMemory.used() - before;
        assertThat(taken).as("direct memory").isLessThan(bound + bound / 2);
        for (CompletableFuture<Confirmation> publish : publishes) {
            assertThat(PublishOutcome.failure(publish)).isInstanceOf(PublishException.class);
        }
        CompletableFuture<Void> closing = connection.closeAsync(Duration.ofMillis(200));
        Await.until("the close, in spite of a peer that does not read", closing::isDone);
    }

    @Test
    void missingHeartbeatsCloseTheConnection() throws Exception {
        connect(options().heartbeat(Duration.ofSeconds(1)));
        CompletableFuture<Confirmation> once = publishUnconfirmed(NO_RETRY, "once");
        PublishException failed = PublishOutcome.failed(once, DeliveryStatus.UNKNOWN);
        assertThat(failed).hasCauseInstanceOf(HeartbeatTimeoutException.class);
        proxy.resume(TO_CLIENT);
        PublishOutcome.confirmed(producer.publishAsync("after", WITH_RETRY));
    }
}
