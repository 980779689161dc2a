package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.MessageProperties;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Fills what is kept for code of the application, which is stuck meanwhile. */
final class CallbackLimits {
    private static final int PUBLISHES = 20_000;

    private CallbackLimits() {}

    /** An executor with one thread, which is busy until the close. */
    private static final class StuckExecutor implements AutoCloseable {
        final ExecutorService executor = Executors.newSingleThreadExecutor();
        private final CountDownLatch released = new CountDownLatch(1);

        StuckExecutor() {
            executor.execute(() -> {
                try {
                    released.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }

        void release() {
            released.countDown();
        }

        @Override
        public void close() {
            release();
            executor.shutdown();
        }
    }

    private static ConnectionOptions options(ScriptedBroker broker, StuckExecutor stuck) {
        return broker.options().maxDeliveryBacklogBytes(Backlog.MAX).deliveryExecutor(stuck.executor);
    }

    private static void awaitHeldAndDrained(Client client, StuckExecutor stuck) throws Exception {
        Backlog.awaitHeld(client.connection());
        stuck.release();
        Await.until("the backlog is empty", () -> Backlog.bytes(client.connection()) == 0);
    }

    private static CompletableFuture<Confirmation> publishOne(Client client) throws Exception {
        CompletableFuture<Confirmation> open =
                client.connection().producer().publishAsync("open", PublishOptions.to("", "q"));
        client.link().expectPublish();
        return open;
    }

    static void deliveries(ScriptedBroker broker) throws Exception {
        try (StuckExecutor stuck = new StuckExecutor();
                Client client = broker.connect(options(broker, stuck))) {
            ScriptedConsumer consumer = Backlog.consume(client, delivery -> {});
            CompletableFuture<Confirmation> open = publishOne(client);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                byte[] body = new byte[16 << 10];
                for (int tag = 1; tag <= 4 * Backlog.MAX / body.length; tag++) {
                    consumer.deliver(tag, MessageProperties.EMPTY, body);
                }
                client.link().ack(client.publishChannel(), 1);
            });
            awaitHeldAndDrained(client, stuck);
            PublishOutcome.confirmed(open);
            sending.get(10, TimeUnit.SECONDS);
        }
    }

    static void returnedMessages(ScriptedBroker broker) throws Exception {
        try (StuckExecutor stuck = new StuckExecutor();
                Client client = broker.connect(options(broker, stuck).onReturn(message -> {}))) {
            CompletableFuture<Confirmation> open = publishOne(client);
            CompletableFuture<Void> returning = CompletableFuture.runAsync(() -> {
                BasicMethods.Return method = new BasicMethods.Return(312, "NO_ROUTE", "", "q");
                for (int i = 0; i < 60; i++) {
                    client.link()
                            .sendContent(client.publishChannel(), method, MessageProperties.EMPTY, new byte[100_000]);
                }
                client.link().ack(client.publishChannel(), 1);
            });
            awaitHeldAndDrained(client, stuck);
            PublishOutcome.confirmed(open);
            returning.get(10, TimeUnit.SECONDS);
        }
    }

    static void outcomes(ScriptedBroker broker) throws Exception {
        try (StuckExecutor stuck = new StuckExecutor();
                Client client = broker.connect(broker.options()
                        .maxDeliveryBacklogBytes(Backlog.MAX)
                        .maxUnconfirmed(1000)
                        .completionExecutor(stuck.executor))) {
            Producer producer = client.connection().producer();
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < PUBLISHES; i++) {
                    producer.publishAsync("x", PublishOptions.to("", "q"));
                }
            });
            CompletableFuture<Void> answering = CompletableFuture.runAsync(() -> {
                for (int tag = 500; tag <= PUBLISHES; tag += 500) {
                    client.link().ackAllUpTo(client.link().expectPublishes(500), tag);
                }
            });
            Backlog.awaitHeld(client.connection());
            stuck.release();
            publishing.get(30, TimeUnit.SECONDS);
            answering.get(30, TimeUnit.SECONDS);
            Await.until("the backlog is empty", () -> Backlog.bytes(client.connection()) == 0);
        }
    }

    static void otherCallbacks(ScriptedBroker broker) throws Exception {
        try (StuckExecutor stuck = new StuckExecutor();
                Client client = broker.connect(options(broker, stuck))) {
            Channel channel = client.channel();
            int consumers = 10;
            for (int i = 0; i < consumers; i++) {
                String tag = "tag" + i;
                ScriptedConsumer consumer = ScriptedConsumer.start(
                        client.link(),
                        channel.consumeAsync("q", ConsumeOptions.defaults().consumerTag(tag), delivery -> {}));
                client.link().send(consumer.channel(), new BasicMethods.Cancel(tag, true));
            }
            Await.until("all count", () -> Backlog.bytes(client.connection()) == consumers * 128L);
            stuck.release();
            Await.until("the backlog is empty", () -> Backlog.bytes(client.connection()) == 0);
        }
    }

    static void events(ScriptedBroker broker) {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        List<String> seen = new ArrayList<>();
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void connectFailed(AmqpException cause) {
                seen.add(cause.getMessage());
            }
        };
        ConnectionEvents events = new ConnectionEvents(listener, tasks::add, Duration.ofDays(1), Ticker.systemTicker());
        int many = 5000;
        for (int i = 1; i <= many; i++) {
            events.connectFailed(failure("round " + i));
            events.retrying(failure("retry " + i), Duration.ZERO);
        }
        while (!tasks.isEmpty()) {
            tasks.poll().run();
        }
        assertThat(seen).hasSizeLessThanOrEqualTo(1025).endsWith("round " + many);
    }

    private static AmqpException failure(String message) {
        return new AmqpConnectionException(message, null, 0, Initiator.NETWORK, true);
    }

    static void deliveriesDuringClose(ScriptedBroker broker) throws Exception {
        try (StuckExecutor stuck = new StuckExecutor()) {
            Client client = broker.connect(options(broker, stuck));
            ScriptedConsumer consumer = Backlog.consume(client, delivery -> {});
            CompletableFuture<Confirmation> open = publishOne(client);
            CompletableFuture<Void> closing = client.connection().closeAsync(Duration.ofSeconds(20));
            byte[] body = new byte[16 << 10];
            for (int tag = 1; tag <= 16 * Backlog.MAX / body.length; tag++) {
                consumer.deliver(tag, MessageProperties.EMPTY, body);
            }
            client.link().ack(client.publishChannel(), 1);
            PublishOutcome.confirmed(open);
            assertThat(Backlog.bytes(client.connection())).isBetween(2L * Backlog.MAX, Backlog.BOUND);
            client.link().expectConnectionClose();
            client.link().send(0, ConnectionMethods.CloseOk.INSTANCE);
            closing.get(10, TimeUnit.SECONDS);
        }
    }
}
