package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Received;
import dev.holdfast.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Back-pressure on a broker that delivers faster than the handlers process, between the two bounds of the backlog; no
 * delivery is lost.
 */
class DeliveryBacklogTest extends ScriptedTest {
    private static final long SECONDS = 10;
    private static final int BODY = 16 << 10;
    private static final int MESSAGES = 5760;
    private static final long LIMIT = 48 << 20;

    /** Upper bound of what both socket buffers of a loopback connection hold. More than this is sent. */
    private static final long SOCKET_BUFFERS = 40 << 20;

    /** How many equal readings of a counter in a row count as standstill. Fewer make the test weaker, not wrong. */
    private static final int EQUAL_READINGS = 50;

    private final CountDownLatch handlersReleased = new CountDownLatch(1);
    private final List<Long> handled = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong sent = new AtomicLong();
    private Client client;
    private Channel channel;
    private CompletableFuture<Void> flood;

    @BeforeEach
    void startFlood() throws Exception {
        ConnectionOptions options =
                broker.options().maxDeliveryBacklogBytes(LIMIT).maxUnconfirmedBytes(1 << 20);
        client = broker.connect(options);
        channel = client.channel();
        ScriptedConsumer consumer = ScriptedConsumer.start(
                client.link(),
                channel.consumeAsync("q", ConsumeOptions.defaults().noAck(true), this::handle));
        flood = CompletableFuture.runAsync(() -> send(consumer));
        Await.until(
                "reading is paused", () -> client.connection().toString().contains("auto-read paused by [BACKLOG]"));
    }

    private void send(ScriptedConsumer consumer) {
        byte[] body = new byte[BODY];
        for (int tag = 1; tag <= MESSAGES; tag++) {
            consumer.deliver(tag, MessageProperties.EMPTY, body);
            sent.addAndGet(BODY);
        }
    }

    private void handle(Delivery delivery) throws InterruptedException {
        handlersReleased.await();
        handled.add(delivery.deliveryTag());
    }

    @AfterEach
    void close() {
        handlersReleased.countDown();
        client.close();
    }

    @Test
    void readingStopsAtTheBoundAndResumesWhenHalfIsHandled() throws Exception {
        awaitStandstill("the writes of the broker block", sent);
        assertThat(sent.get()).isLessThan(LIMIT + SOCKET_BUFFERS);
        handlersReleased.countDown();
        Await.until("all are handled", () -> handled.size() == MESSAGES);
        assertThat(handled).isSorted().doesNotHaveDuplicates();
        flood.get(SECONDS, TimeUnit.SECONDS);
    }

    /** The reply follows deliveries that are not read yet. */
    @Test
    void rpcReplyIsReadBehindTheBacklog() throws Exception {
        CompletableFuture<Long> purging = channel.purgeAsync("q");
        Received<QueueMethods.Purge> purge = client.link().expect(QueueMethods.Purge.class);
        flood.get(SECONDS, TimeUnit.SECONDS);
        purge.reply(new QueueMethods.PurgeOk(7));
        assertThat(purging.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(7);
        assertThat(handled).isEmpty();
    }

    /** A broker whose writes block does not read: the client has to read before its RPC can be sent. */
    @Test
    void rpcIsAnsweredThoughTheBrokerReadsOnlyAfterItIsRead() throws Exception {
        CompletableFuture<Void> publishing = fillTransport();
        CompletableFuture<Long> purging = channel.purgeAsync("q");
        flood.get(SECONDS, TimeUnit.SECONDS);
        Received<QueueMethods.Purge> purge = client.link().skipTo(QueueMethods.Purge.class);
        purge.reply(new QueueMethods.PurgeOk(7));
        assertThat(purging.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(7);
        assertThat(publishing).as("publishes that waited").isNotCompletedExceptionally();
    }

    /** The publish is queued behind bytes that the transport does not take. */
    @Test
    void publishIsConfirmedThoughTheBrokerReadsOnlyAfterItIsRead() throws Exception {
        CompletableFuture<Void> publishing = fillTransport();
        CompletableFuture<Confirmation> published = CompletableFuture.supplyAsync(
                () -> client.connection().producer().publish("answer", PublishOptions.to("", "q")));
        flood.get(SECONDS, TimeUnit.SECONDS);
        Received<BasicMethods.Publish> received = client.link().skipTo(BasicMethods.Publish.class);
        while (received.channel() != client.publishChannel()) {
            received = client.link().skipTo(BasicMethods.Publish.class);
        }
        client.link().ack(client.publishChannel(), 1);
        PublishOutcome.confirmed(published);
        assertThat(publishing).as("publishes that waited").isNotCompletedExceptionally();
    }

    /** Publishes without confirms until the transport takes no more. */
    private CompletableFuture<Void> fillTransport() throws Exception {
        AtomicLong published = new AtomicLong();
        CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
            while (published.get() < SOCKET_BUFFERS) {
                channel.publish(new byte[1 << 20], PublishOptions.to("", "q"));
                published.addAndGet(1 << 20);
            }
        });
        awaitStandstill("the writes of the client block", published);
        return publishing;
    }

    private static void awaitStandstill(String what, AtomicLong counter) throws Exception {
        AtomicLong before = new AtomicLong(-1);
        AtomicInteger unchanged = new AtomicInteger();
        Await.until(what, () -> {
            boolean equal = before.getAndSet(counter.get()) == counter.get();
            return unchanged.updateAndGet(count -> equal ? count + 1 : 0) == EQUAL_READINGS;
        });
    }

    /** A handler may be waiting for this confirm. */
    @Test
    void confirmIsReadBehindTheBacklog() throws Exception {
        ScriptedLink link = client.link();
        CompletableFuture<Confirmation> published = publish(link);
        flood.get(SECONDS, TimeUnit.SECONDS);
        link.ack(client.publishChannel(), 1);
        PublishOutcome.confirmed(published);
        assertThat(handled).isEmpty();
    }

    @Test
    void updateSecretOkIsReadBehindTheBacklog() throws Exception {
        CompletableFuture<Void> updating = client.connection().updateSecretAsync("new", "rotation");
        client.link().expect(ConnectionMethods.UpdateSecret.class);
        flood.get(SECONDS, TimeUnit.SECONDS);
        client.link().send(0, ConnectionMethods.UpdateSecretOk.INSTANCE);
        updating.get(SECONDS, TimeUnit.SECONDS);
        assertThat(handled).isEmpty();
    }

    /** The close waits for the confirm of the last publish, then for its close-ok. */
    @Test
    void closeReadsTheLastConfirmAndCloseOk() throws Exception {
        ScriptedLink link = client.link();
        CompletableFuture<Confirmation> last = publish(link);
        CompletableFuture<Void> closing = client.connection().closeAsync(Duration.ofSeconds(SECONDS));
        flood.get(SECONDS, TimeUnit.SECONDS);
        link.ack(client.publishChannel(), 1);
        PublishOutcome.confirmed(last);
        link.expectConnectionClose();
        link.send(0, ConnectionMethods.CloseOk.INSTANCE);
        closing.get(SECONDS, TimeUnit.SECONDS);
    }

    private CompletableFuture<Confirmation> publish(ScriptedLink link) throws Exception {
        CompletableFuture<Confirmation> published =
                client.connection().producer().publishAsync("answer", PublishOptions.to("", "q"));
        link.expectPublish();
        return published;
    }
}
