package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Waits of publishers for room in the window or for an unblocked connection, and the close of a connection. */
class WindowTest extends ScriptedTest {
    private static final Duration HOUR = Duration.ofHours(1);

    /** Options with which a publish or a close ends only at a deadline that the test sets. */
    private ConnectionOptions withoutDeadlines() {
        return broker.options().confirmTimeout(HOUR).closeTimeout(HOUR);
    }

    /** Closes the connection with this timeout. All other deadlines of the client are expected to be an hour away. */
    private static void closeWithin(Duration timeout, Client client) throws Exception {
        CompletableFuture.runAsync(() -> client.connection().close(timeout)).get(10, TimeUnit.SECONDS);
    }

    @Test
    void publishersOnABlockedConnectionWaitUntilTheirDeadline() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            link.send(0, new ConnectionMethods.Blocked("low on memory"));
            awaitBlocked(producer, link);
            PublishOptions brief = NO_RETRY.timeout(Duration.ofMillis(100));
            assertThat(PublishOutcome.failed(producer.publishAsync("brief", brief), DeliveryStatus.NOT_SENT))
                    .hasMessageContaining("low on memory")
                    .hasCauseInstanceOf(AmqpTimeoutException.class);
            CompletableFuture<CompletableFuture<Confirmation>> waiting =
                    CompletableFuture.supplyAsync(() -> producer.publishAsync("patient", NO_RETRY));
            link.expectSilence(100);
            assertThat(waiting).isNotDone();
            link.send(0, ConnectionMethods.Unblocked.INSTANCE);
            ScriptedLink.Published published = link.expectPublish();
            assertThat(published.text()).isEqualTo("patient");
            link.ackAllUpTo(published.channel(), 0);
            PublishOutcome.confirmed(waiting.get(10, TimeUnit.SECONDS));
        }
    }

    /** Publishes until connection.blocked takes effect, and reads the publishes that were sent before. */
    private static void awaitBlocked(Producer producer, ScriptedLink link) {
        Throwable refusal = null;
        while (refusal == null) {
            CompletableFuture<Confirmation> probe =
                    producer.publishAsync("probe", NO_RETRY.timeout(Duration.ofMillis(50)));
            refusal = catchThrowable(() -> probe.get(10, TimeUnit.SECONDS)).getCause();
            if (((PublishException) refusal).delivery() == DeliveryStatus.UNKNOWN) {
                link.expectPublish();
                refusal = null;
            }
        }
    }

    @Test
    void closeOfABlockedConnectionEndsAtItsTimeout() throws Exception {
        try (Client client = broker.connect(withoutDeadlines())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            link.send(0, new ConnectionMethods.Blocked("low on disk"));
            awaitBlocked(producer, link);
            CompletableFuture<CompletableFuture<Confirmation>> waiting =
                    CompletableFuture.supplyAsync(() -> producer.publishAsync("waits", NO_RETRY));
            closeWithin(Duration.ofMillis(500), client);
            PublishOutcome.failed(waiting.get(10, TimeUnit.SECONDS), DeliveryStatus.NOT_SENT);
        }
    }

    @Test
    void stalledPeerDelaysNeitherDeadlinesNorTheClose() throws Exception {
        byte[] body = new byte[60_000];
        PublishOptions brief = NO_RETRY.timeout(Duration.ofMillis(300));
        try (Client client = broker.connect(withoutDeadlines().maxUnconfirmedBytes(8 << 20))) {
            Producer producer = client.connection().producer();
            List<CompletableFuture<Confirmation>> admitted = new CopyOnWriteArrayList<>();
            for (int i = 0; i < 100; i++) {
                admitted.add(producer.publishAsync(body, NO_RETRY));
            }
            // It waits in the log, and may still be transferred.
            PublishOutcome.failed(producer.publishAsync(body, brief), DeliveryStatus.UNKNOWN);

            CompletableFuture<Void> filling = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 100; i++) {
                    admitted.add(producer.publishAsync(body, NO_RETRY)); // blocks when the window is full
                }
            });
            PublishException failure;
            do {
                failure = (PublishException) PublishOutcome.failure(producer.publishAsync(body, brief));
            } while (failure.delivery() == DeliveryStatus.UNKNOWN); // admitted: the window was not full yet
            assertThat(failure.delivery()).isEqualTo(DeliveryStatus.NOT_SENT);
            assertThat(failure).hasMessageContaining("timed out waiting for room");
            List<CompletableFuture<Confirmation>> unconfirmed = List.copyOf(admitted);
            assertThat(unconfirmed).hasSizeLessThan(200).noneMatch(CompletableFuture::isDone);
            assertThat(filling).as("a publish without a deadline").isNotDone();

            closeWithin(Duration.ofMillis(500), client);
            PublishOutcome.failed(unconfirmed.get(0), DeliveryStatus.UNKNOWN);
            for (CompletableFuture<Confirmation> publish : unconfirmed) {
                assertThat(PublishOutcome.failure(publish)).isInstanceOf(PublishException.class);
            }
            filling.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void closeDistinguishesSentFromUnsentMessages() throws Exception {
        try (Client client = broker.connect(withoutDeadlines())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> sent = producer.publishAsync("sent", NO_RETRY);
            client.link().expectPublish();
            CompletableFuture<Confirmation> queued = producer.publishAsync("queued", NO_RETRY.declare(Queue.of("q")));
            closeWithin(Duration.ofMillis(300), client);
            PublishOutcome.failed(sent, DeliveryStatus.UNKNOWN);
            PublishOutcome.failed(queued, DeliveryStatus.NOT_SENT);
            PublishOutcome.failed(producer.publishAsync("after", NO_RETRY), DeliveryStatus.NOT_SENT);
        }
    }

    /** The first close waits for confirms, or only for the broker's close-ok. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void secondCloseShortensTheFirstAndIsSentOnce(boolean confirmPending) throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Connection connection = client.connection();
            CompletableFuture<Confirmation> open = connection.producer().publishAsync("open", NO_RETRY);
            client.link().expectPublish();
            if (!confirmPending) {
                client.link().ack(client.publishChannel(), 1);
                PublishOutcome.confirmed(open);
            }
            CompletableFuture<Void> first = connection.closeAsync(Duration.ofHours(1));
            if (!confirmPending) {
                client.link().expect(ConnectionMethods.Close.class);
            }
            CompletableFuture<Void> second = connection.closeAsync(Duration.ofHours(2));
            CompletableFuture.runAsync(() -> connection.close(Duration.ZERO)).get(10, TimeUnit.SECONDS);
            first.get(10, TimeUnit.SECONDS);
            second.get(10, TimeUnit.SECONDS);
            if (confirmPending) {
                PublishOutcome.failed(open, DeliveryStatus.UNKNOWN);
                client.link().expect(ConnectionMethods.Close.class);
            }
            assertThat(catchThrowable(client.link()::next)).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void closeWaitsForPendingConfirms() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<Confirmation> sent =
                    client.connection().producer().publishAsync("sent", NO_RETRY);
            int channel = client.link().expectPublish().channel();
            CompletableFuture<Void> closing = client.connection().closeAsync(Duration.ofSeconds(20));
            client.link().expectSilence(50);
            client.link().ack(channel, 1);
            client.link().expect(ConnectionMethods.Close.class).reply(ConnectionMethods.CloseOk.INSTANCE);
            closing.get(5, TimeUnit.SECONDS);
            PublishOutcome.confirmed(sent);
        }
    }

    @Test
    void closeIsIdempotentAndLaterCallsFail() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            client.connection().close(Duration.ZERO);
            client.link().expectEnd();
            client.connection().close(Duration.ZERO);
            assertThatThrownBy(() -> client.connection().channel())
                    .isInstanceOf(AmqpConnectionException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void maxUnconfirmedHoldsUnderEightThreads() throws Exception {
        int bound = 50;
        int perThread = 250;
        try (Client client = broker.connect(broker.options().maxUnconfirmed(bound))) {
            Producer producer = client.connection().producer();
            AtomicInteger confirmed = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < perThread; i++) {
                        producer.publishAsync(new byte[10], NO_RETRY).thenRun(confirmed::incrementAndGet);
                    }
                });
                thread.start();
                threads.add(thread);
            }
            int read = 0;
            int acked = 0;
            while (acked < 8 * perThread) {
                int channel = client.link().expectPublish().channel();
                read++;
                assertThat(read - acked).isLessThanOrEqualTo(bound);
                if (read - acked == bound || read == 8 * perThread) {
                    client.link().expectSilence(5);
                    acked = read - (read == 8 * perThread ? 0 : bound / 3);
                    client.link().ackAllUpTo(channel, acked);
                }
            }
            for (Thread thread : threads) {
                thread.join(10_000);
                assertThat(thread.isAlive()).isFalse();
            }
        }
    }

    @Test
    void maxUnconfirmedBytesHoldsAndALargerMessageIsAdmittedAlone() throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmedBytes(1 << 20))) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<List<CompletableFuture<Confirmation>>> publishing = CompletableFuture.supplyAsync(() -> {
                List<CompletableFuture<Confirmation>> all = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    all.add(producer.publishAsync(new byte[100_000], NO_RETRY));
                }
                all.add(producer.publishAsync(new byte[3 << 20], NO_RETRY));
                return all;
            });
            int open = 0;
            long tag = 0;
            int channel = 0;
            for (int i = 0; i < 31; i++) {
                ScriptedLink.Published published = link.expectPublish();
                channel = published.channel();
                open++;
                if (i < 30) {
                    assertThat(open * 100_000).isLessThanOrEqualTo(1 << 20);
                } else {
                    assertThat(published.body()).hasSize(3 << 20);
                    assertThat(open).as("open beside the large one").isEqualTo(1);
                }
                if (open == 10 || i == 29) {
                    link.expectSilence(20);
                    tag += open;
                    open = 0;
                    link.ackAllUpTo(channel, tag);
                }
            }
            link.ackAllUpTo(channel, 31);
            PublishOutcome.allConfirmed(publishing.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void bytesFreedByOneChannelAdmitTheOther() throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmedBytes(1 << 20))) {
            ScriptedLink link = client.link();
            Producer shared = client.connection().producer();
            Producer own = client.producerWithChannel();
            CompletableFuture<Confirmation> open = own.publishAsync("stays open", NO_RETRY);
            int ownChannel = link.expectPublish().channel();
            CompletableFuture<Confirmation> large = shared.publishAsync(new byte[900_000], NO_RETRY);
            int sharedChannel = link.expectPublish().channel();
            CompletableFuture<CompletableFuture<Confirmation>> waiting =
                    CompletableFuture.supplyAsync(() -> own.publishAsync(new byte[200_000], NO_RETRY));
            link.expectSilence(100);
            link.ack(sharedChannel, 1);
            PublishOutcome.confirmed(large);
            assertThat(link.expectPublish().body()).hasSize(200_000);
            link.ackAllUpTo(ownChannel, 2);
            PublishOutcome.confirmed(open);
            PublishOutcome.confirmed(waiting.get(10, TimeUnit.SECONDS));
        }
    }

    /** A message without a confirm frees its room as soon as it is sent. */
    @ParameterizedTest
    @ValueSource(ints = {10, 60_000, 65_536, 200_000})
    void publishWithoutAConfirmWaitsOnlyForUnsentBytes(int size) throws Exception {
        try (Client client =
                broker.connect(broker.options().maxUnconfirmedBytes(1).rpcTimeout(Duration.ofSeconds(5)))) {
            Channel channel = client.channel();
            for (int i = 0; i < 10; i++) {
                channel.publish(new byte[size], NO_RETRY);
            }
            for (int i = 0; i < 10; i++) {
                assertThat(client.link().expectPublish().body()).hasSize(size);
            }
        }
    }

    @Test
    void interruptWhileWaitingForRoomIsNotSent() throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmed(1))) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> first = producer.publishAsync("first", NO_RETRY);
            int channel = client.link().expectPublish().channel();
            assertThat(deliveryAfterInterrupt(() -> producer.publish("second", NO_RETRY)))
                    .isEqualTo(DeliveryStatus.NOT_SENT);
            client.link().ack(channel, 1);
            PublishOutcome.confirmed(first);
            client.link().expectSilence(50);
        }
    }

    @Test
    void interruptWhileWaitingForTheConfirmIsUnknown() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CountDownLatch sent = new CountDownLatch(1);
            CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
                client.link().expectPublish();
                sent.countDown();
            });
            assertThat(deliveryAfterInterrupt(() -> producer.publish("body", NO_RETRY), sent))
                    .isEqualTo(DeliveryStatus.UNKNOWN);
            reading.get(10, TimeUnit.SECONDS);
        }
    }

    private static DeliveryStatus deliveryAfterInterrupt(Runnable publish, CountDownLatch... when) throws Exception {
        FutureTask<DeliveryStatus> task = new FutureTask<>(() -> {
            try {
                publish.run();
            } catch (PublishException e) {
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                return e.delivery();
            }
            throw new AssertionError("published");
        });
        Thread thread = new Thread(task);
        thread.start();
        for (CountDownLatch latch : when) {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        }
        while (thread.getState() == Thread.State.RUNNABLE || thread.getState() == Thread.State.NEW) {
            Thread.onSpinWait();
        }
        thread.interrupt();
        return task.get(10, TimeUnit.SECONDS);
    }

    @Test
    void fullWindowFailsAPublishOnTheIoThread() throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmed(1))) {
            Producer producer = client.connection().producer();
            CompletableFuture<CompletableFuture<Confirmation>> second = producer.publishAsync("first", NO_RETRY)
                    .thenApply(done -> {
                        CompletableFuture<Confirmation> unused = producer.publishAsync("fills", NO_RETRY);
                        return producer.publishAsync("too many", NO_RETRY);
                    });
            client.link().ack(client.link().expectPublish().channel(), 1);
            assertThat(PublishOutcome.failed(second.get(10, TimeUnit.SECONDS), DeliveryStatus.NOT_SENT))
                    .hasMessageContaining("I/O thread");
        }
    }
}
