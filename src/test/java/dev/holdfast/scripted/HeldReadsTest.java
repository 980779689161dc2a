package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Above the second bound of what waits for handlers nothing is read, not even answers, until handlers make room. */
class HeldReadsTest extends ScriptedTest {
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger handled = new AtomicInteger();

    @AfterEach
    void release() {
        released.countDown();
    }

    private ConnectionOptions options() {
        return broker.options().maxDeliveryBacklogBytes(Backlog.MAX);
    }

    private void block() {
        try {
            released.await();
            handled.incrementAndGet();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void timeoutOfAPublishSaysThatReadsAreHeld() throws Exception {
        try (Client client = broker.connect(options())) {
            ScriptedConsumer consumer = Backlog.consume(client, delivery -> block());
            CompletableFuture<Confirmation> published = publish(client, NO_RETRY.confirmTimeout(Duration.ofSeconds(3)));
            CompletableFuture<Void> unused = Backlog.flood(consumer, MessageProperties.EMPTY, 16 << 10);
            Backlog.awaitHeld(client.connection());
            assertThatThrownBy(() -> published.get(10, TimeUnit.SECONDS))
                    .hasMessageContaining("reading is held: ")
                    .hasMessageContaining("maxDeliveryBacklogBytes");
        }
    }

    @Test
    void answersAreReadAsSoonAsHandlersMakeRoom() throws Exception {
        try (Client client = broker.connect(options())) {
            ScriptedConsumer consumer = Backlog.consume(client, delivery -> block());
            CompletableFuture<Confirmation> published = publish(client, NO_RETRY);
            byte[] body = new byte[16 << 10];
            int deliveries = 4 * Backlog.MAX / body.length;
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                for (int tag = 1; tag <= deliveries; tag++) {
                    consumer.deliver(tag, MessageProperties.EMPTY, body);
                }
                client.link().ack(client.publishChannel(), 1);
            });
            Backlog.awaitHeld(client.connection());
            released.countDown();
            PublishOutcome.confirmed(published);
            sending.get(10, TimeUnit.SECONDS);
            Await.until("all are handled", () -> handled.get() == deliveries);
            Await.until("the backlog is empty", () -> Backlog.bytes(client.connection()) == 0);
        }
    }

    /** Bodies have one byte; the decoded headers take the memory. */
    @Test
    void propertiesOfDeliveriesCount() throws Exception {
        try (Client client = broker.connect(options())) {
            ScriptedConsumer consumer = Backlog.consume(client, delivery -> block());
            CompletableFuture<Confirmation> unusedPublish = publish(client, NO_RETRY);
            MessageProperties properties = MessageProperties.EMPTY.headers(
                    Map.of("large", "x".repeat(16 << 10).getBytes(UTF_8)));
            CompletableFuture<Void> unused = Backlog.flood(consumer, properties, 1);
            Backlog.awaitHeld(client.connection(), Backlog.PROPERTIES_BOUND);
        }
    }

    /** The stuck consumer of the lost link still has its deliveries. */
    @Test
    void newLinkIsNotReadWhileTheSecondBoundIsExceeded() throws Exception {
        try (Client client = broker.connect(options())) {
            ScriptedConsumer consumer = Backlog.consume(client, delivery -> block());
            CompletableFuture<Confirmation> unusedPublish = publish(client, NO_RETRY);
            CompletableFuture<Void> flood = Backlog.flood(consumer, MessageProperties.EMPTY, 16 << 10);
            Backlog.awaitHeld(client.connection());
            client.link().cut();
            flood.get(10, TimeUnit.SECONDS); // a thread that writes delays the reset
            // A write shows the loss, as a heartbeat does: the socket is not read.
            CompletableFuture<Confirmation> again =
                    client.connection().producer().publishAsync("again", WITH_RETRY);
            ScriptedLink next = broker.accept();
            Backlog.awaitHeld(client.connection());
            released.countDown();
            int publishChannel = next.restoreChannels();
            ScriptedConsumer.answer(next);
            next.ack(next.expectPublishes("again"), 1);
            PublishOutcome.confirmed(again);
            assertThat(publishChannel).isEqualTo(client.publishChannel());
        }
    }

    /** The last answers are read; deliveries above the bound are dropped, as those that were not read yet. */
    @Test
    void closeReadsItsAnswersAndKeepsTheBound() throws Exception {
        Client client = broker.connect(options());
        ScriptedConsumer consumer = Backlog.consume(client, delivery -> block());
        CompletableFuture<Confirmation> published = publish(client, NO_RETRY);
        byte[] body = new byte[16 << 10];
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int tag = 1; tag <= 32 * Backlog.MAX / body.length; tag++) {
                consumer.deliver(tag, MessageProperties.EMPTY, body);
            }
        });
        Backlog.awaitHeld(client.connection());
        CompletableFuture<Void> closing = client.connection().closeAsync(Duration.ofSeconds(10));
        sending.get(10, TimeUnit.SECONDS);
        client.link().ack(client.publishChannel(), 1);
        PublishOutcome.confirmed(published);
        assertThat(Backlog.bytes(client.connection())).isLessThan(Backlog.BOUND);
        client.link().expectConnectionClose();
        client.link().send(0, ConnectionMethods.CloseOk.INSTANCE);
        closing.get(10, TimeUnit.SECONDS);
    }

    private static CompletableFuture<Confirmation> publish(Client client, PublishOptions options) throws Exception {
        CompletableFuture<Confirmation> published =
                client.connection().producer().publishAsync("open", options);
        client.link().expectPublish();
        return published;
    }
}
