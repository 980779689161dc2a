package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.MessageProperties;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The second bound of what waits for handlers: above it nothing is read, not even answers, until handlers make room. */
class HeldReadsTest extends ScriptedTest {
    private static final int MIB = 1 << 20;
    private static final int MAX_BACKLOG = MIB;

    /** The second bound, and what one batch and one read add to it. */
    private static final long BOUND = 2 * MAX_BACKLOG + MIB + 512 * 1024;

    /** Their outcomes count for more than the second bound. */
    private static final int PUBLISHES = 20_000;

    private static final String HELD = "auto-read paused by [HELD]";
    private static final Pattern BACKLOG = Pattern.compile("backlog (\\d+)");
    private static final PublishOptions MANDATORY = NO_RETRY.mandatory(true);

    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger handled = new AtomicInteger();
    private final AtomicLong peak = new AtomicLong();

    @AfterEach
    void release() {
        released.countDown();
    }

    private ConnectionOptions options() {
        return broker.options().maxDeliveryBacklogBytes(MAX_BACKLOG);
    }

    private void block() {
        try {
            released.await();
            handled.incrementAndGet();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static long backlog(Connection connection) {
        Matcher matcher = BACKLOG.matcher(connection.toString());
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private void awaitHeld(Connection connection) throws Exception {
        Await.until("reading is held", () -> {
            peak.accumulateAndGet(backlog(connection), Math::max);
            return connection.toString().contains(HELD);
        });
        assertThat(Math.max(peak.get(), backlog(connection))).isBetween(2L * MAX_BACKLOG, BOUND);
    }

    private ScriptedConsumer startStuckConsumer(Client client) throws Exception {
        Channel channel = client.channel();
        return ScriptedConsumer.start(
                client.link(),
                channel.consumeAsync("q", ConsumeOptions.defaults().noAck(true), delivery -> block()));
    }

    /** Delivers until the link is cut. */
    private static CompletableFuture<Void> flood(ScriptedConsumer consumer, MessageProperties properties, int size) {
        return CompletableFuture.runAsync(() -> {
            byte[] body = new byte[size];
            try {
                for (int tag = 1; true; tag++) {
                    consumer.deliver(tag, properties, body);
                }
            } catch (UncheckedIOException e) {
                // the test is over
            }
        });
    }

    @Test
    void stuckConsumerBesideAnOpenPublishHoldsReadsAtTheSecondBound() throws Exception {
        try (Client client = broker.connect(options())) {
            ScriptedConsumer consumer = startStuckConsumer(client);
            CompletableFuture<Confirmation> published = publish(client, NO_RETRY);
            CompletableFuture<Void> unused = flood(consumer, MessageProperties.EMPTY, 16 << 10);
            awaitHeld(client.connection());
            assertThat(published).isNotDone();
        }
    }

    @Test
    void timeoutOfAPublishSaysThatReadsAreHeld() throws Exception {
        try (Client client = broker.connect(options())) {
            ScriptedConsumer consumer = startStuckConsumer(client);
            CompletableFuture<Confirmation> published = publish(client, NO_RETRY.confirmTimeout(Duration.ofSeconds(3)));
            CompletableFuture<Void> unused = flood(consumer, MessageProperties.EMPTY, 16 << 10);
            awaitHeld(client.connection());
            assertThatThrownBy(() -> published.get(10, TimeUnit.SECONDS))
                    .hasMessageContaining("reading is held: ")
                    .hasMessageContaining("maxDeliveryBacklogBytes");
        }
    }

    @Test
    void answersAreReadAsSoonAsHandlersMakeRoom() throws Exception {
        try (Client client = broker.connect(options())) {
            ScriptedConsumer consumer = startStuckConsumer(client);
            CompletableFuture<Confirmation> published = publish(client, NO_RETRY);
            byte[] body = new byte[16 << 10];
            int deliveries = 4 * MAX_BACKLOG / body.length;
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                for (int tag = 1; tag <= deliveries; tag++) {
                    consumer.deliver(tag, MessageProperties.EMPTY, body);
                }
                client.link().ack(client.publishChannel(), 1);
            });
            awaitHeld(client.connection());
            released.countDown();
            PublishOutcome.confirmed(published);
            sending.get(10, TimeUnit.SECONDS);
            Await.until("all are handled", () -> handled.get() == deliveries);
            Await.until("the backlog is empty", () -> backlog(client.connection()) == 0);
        }
    }

    /** A publish is open all the time, so that its confirm has to be read. */
    @Test
    void returnsThatWaitForTheirCallbackCount() throws Exception {
        try (Client client = broker.connect(options().onReturn(message -> block()))) {
            CompletableFuture<Confirmation> published = publish(client, MANDATORY);
            int returns = 60;
            CompletableFuture<Void> returning = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < returns; i++) {
                    client.link()
                            .sendContent(
                                    client.publishChannel(),
                                    new BasicMethods.Return(312, "NO_ROUTE", "", "q"),
                                    MessageProperties.EMPTY,
                                    new byte[100_000]);
                }
                client.link().ack(client.publishChannel(), 1);
            });
            awaitHeld(client.connection());
            released.countDown();
            PublishOutcome.confirmed(published);
            returning.get(10, TimeUnit.SECONDS);
            Await.until("all are handled", () -> handled.get() == returns);
        }
    }

    /** The futures of confirmed publishes, which the publisher has room for again. */
    @Test
    void outcomesThatWaitForTheCompletionExecutorCount() throws Exception {
        ExecutorService completions = Executors.newSingleThreadExecutor();
        completions.execute(this::block);
        try (Client client = broker.connect(options().maxUnconfirmed(1000).completionExecutor(completions))) {
            Producer producer = client.connection().producer();
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < PUBLISHES; i++) {
                    producer.publishAsync("x", NO_RETRY);
                }
            });
            CompletableFuture<Void> answering = CompletableFuture.runAsync(() -> {
                for (int tag = 500; tag <= PUBLISHES; tag += 500) {
                    client.link().ackAllUpTo(client.link().expectPublishes(500), tag);
                }
            });
            awaitHeld(client.connection());
            released.countDown();
            publishing.get(30, TimeUnit.SECONDS);
            answering.get(30, TimeUnit.SECONDS);
            Await.until("the backlog is empty", () -> backlog(client.connection()) == 0);
        } finally {
            completions.shutdown();
        }
    }

    /** Bodies have one byte; the decoded headers take the memory. */
    @Test
    void propertiesOfDeliveriesCount() throws Exception {
        try (Client client = broker.connect(options())) {
            ScriptedConsumer consumer = startStuckConsumer(client);
            CompletableFuture<Confirmation> unusedPublish = publish(client, NO_RETRY);
            MessageProperties properties = MessageProperties.EMPTY.headers(
                    Map.of("large", "x".repeat(16 << 10).getBytes(UTF_8)));
            CompletableFuture<Void> unused = flood(consumer, properties, 1);
            awaitHeld(client.connection());
        }
    }

    /** The stuck consumer of the lost link still has its deliveries. */
    @Test
    void newLinkIsNotReadWhileTheSecondBoundIsExceeded() throws Exception {
        try (Client client = broker.connect(options())) {
            ScriptedConsumer consumer = startStuckConsumer(client);
            CompletableFuture<Confirmation> unusedPublish = publish(client, NO_RETRY);
            CompletableFuture<Void> unused = flood(consumer, MessageProperties.EMPTY, 16 << 10);
            awaitHeld(client.connection());
            client.link().cut();
            // A write shows the loss, as a heartbeat does: the socket is not read.
            CompletableFuture<Confirmation> again =
                    client.connection().producer().publishAsync("again", WITH_RETRY);
            ScriptedLink next = broker.accept();
            awaitHeld(client.connection());
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
        ScriptedConsumer consumer = startStuckConsumer(client);
        CompletableFuture<Confirmation> published = publish(client, NO_RETRY);
        byte[] body = new byte[16 << 10];
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int tag = 1; tag <= 32 * MAX_BACKLOG / body.length; tag++) {
                consumer.deliver(tag, MessageProperties.EMPTY, body);
            }
        });
        awaitHeld(client.connection());
        CompletableFuture<Void> closing = client.connection().closeAsync(Duration.ofSeconds(10));
        sending.get(10, TimeUnit.SECONDS);
        client.link().ack(client.publishChannel(), 1);
        PublishOutcome.confirmed(published);
        assertThat(backlog(client.connection())).isLessThan(BOUND);
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
