package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.NackedException;
import dev.holdfast.Producer;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The bound on unconfirmed bytes: messages in their retry delay, large messages, and the order of those that wait. */
class BytesBoundTest extends ScriptedTest {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** As long a body that a segment of 64 KiB holds 16 of them and no 17th. */
    private static final int SIXTEENTH = 4000;

    private ConnectionOptions bound(long bytes) {
        return broker.options().maxUnconfirmedBytes(bytes);
    }

    private static PublishOptions retryAfter(Duration delay) {
        return retryAfter(delay, new CountDownLatch(0));
    }

    /** @param retries counts the delays that began */
    private static PublishOptions retryAfter(Duration delay, CountDownLatch retries) {
        return NO_RETRY.retry(RetryPolicy.linear(delay, Duration.ZERO, delay)
                .maxRetries(1)
                .retryOn(cause -> true)
                .onRetry((cause, unused) -> retries.countDown()));
    }

    /** A publish on a thread of its own, which may wait for room. */
    private static final class Publishing extends FutureTask<CompletableFuture<Confirmation>> {
        private final Thread thread = new Thread(this);

        Publishing(Producer producer, byte[] body, PublishOptions options) {
            super(() -> producer.publishAsync(body, options));
            thread.start();
        }

        static Publishing waiting(Producer producer, byte[] body, PublishOptions options) throws Exception {
            Publishing publishing = new Publishing(producer, body, options);
            Await.until("a publisher that waits", () -> publishing.thread.getState() == Thread.State.TIMED_WAITING);
            return publishing;
        }

        CompletableFuture<Confirmation> outcome() throws Exception {
            return get(10, TimeUnit.SECONDS);
        }
    }

    private static List<CompletableFuture<Confirmation>> publish(
            int count, Producer producer, byte[] body, PublishOptions options) {
        List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            publishes.add(producer.publishAsync(body, options));
        }
        return publishes;
    }

    @Test
    void messagesInTheirRetryDelayCountInTheBytes() throws Exception {
        try (Client client = broker.connect(bound(MIB))) {
            Producer producer = client.connection().producer();
            CountDownLatch nacked = new CountDownLatch(4);
            PublishOptions retry = retryAfter(Duration.ofHours(1), nacked);
            publish(4, producer, new byte[250_000], retry);
            int channel = client.link().expectPublishes(4);
            for (int tag = 1; tag <= 4; tag++) {
                client.link().nack(channel, tag);
            }
            assertThat(nacked.await(10, TimeUnit.SECONDS)).isTrue();
            PublishException failure = PublishOutcome.failed(
                    producer.publishAsync(new byte[250_000], NO_RETRY.timeout(Duration.ofMillis(200))),
                    DeliveryStatus.NOT_SENT);
            assertThat(failure)
                    .hasCauseInstanceOf(AmqpTimeoutException.class)
                    .hasMessageContaining("4 messages and 1000");
        }
    }

    /** Fills a segment with 16 messages and nacks 15: no other segment fits beside it and their copies. */
    private static List<CompletableFuture<Confirmation>> nackFifteen(Client client, Duration timeout) throws Exception {
        CountDownLatch nacked = new CountDownLatch(15);
        PublishOptions options = retryAfter(Duration.ofMillis(1), nacked).timeout(timeout);
        List<CompletableFuture<Confirmation>> publishes =
                publish(15, client.connection().producer(), new byte[SIXTEENTH], options);
        publishes.addAll(publish(1, client.connection().producer(), new byte[SIXTEENTH], NO_RETRY));
        int channel = client.link().expectPublishes(16);
        for (int tag = 1; tag <= 15; tag++) {
            client.link().nack(channel, tag);
        }
        assertThat(nacked.await(10, TimeUnit.SECONDS)).isTrue();
        return publishes;
    }

    @Test
    void messagesWaitForRoomAfterTheirRetryDelayAndPrecedeNewOnes() throws Exception {
        try (Client client = broker.connect(bound(100_000))) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            List<CompletableFuture<Confirmation>> publishes = nackFifteen(client, Duration.ofHours(1));
            link.expectSilence(100);
            Publishing later = Publishing.waiting(producer, "later".getBytes(UTF_8), NO_RETRY);
            link.ack(client.publishChannel(), 16);
            for (int i = 0; i < 15; i++) {
                assertThat(link.expectPublish().body()).hasSize(SIXTEENTH);
            }
            int channel = link.expectPublishes("later");
            link.ackAllUpTo(channel, 32);
            PublishOutcome.allConfirmed(publishes);
            PublishOutcome.confirmed(later.outcome());
        }
    }

    @Test
    void timeoutEndsAMessageThatWaitsForRoomAfterItsRetryDelay() throws Exception {
        try (Client client = broker.connect(bound(100_000))) {
            List<CompletableFuture<Confirmation>> publishes = nackFifteen(client, Duration.ofSeconds(3));
            for (CompletableFuture<Confirmation> publish : publishes.subList(0, 15)) {
                assertThat(PublishOutcome.failed(publish, DeliveryStatus.UNKNOWN))
                        .hasCauseInstanceOf(NackedException.class);
            }
            client.link().expectSilence(50);
        }
    }

    @Test
    void messagesWaitWhileTheConnectionIsBlockedAfterTheirRetryDelay() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            CountDownLatch nacked = new CountDownLatch(1);
            CompletableFuture<Confirmation> publish =
                    client.connection().producer().publishAsync("again", retryAfter(Duration.ofMillis(1), nacked));
            int channel = link.expectPublishes("again");
            link.send(0, new ConnectionMethods.Blocked("low on memory"));
            link.nack(channel, 1);
            assertThat(nacked.await(10, TimeUnit.SECONDS)).isTrue();
            link.expectSilence(100);
            link.send(0, ConnectionMethods.Unblocked.INSTANCE);
            link.ack(link.expectPublishes("again"), 2);
            PublishOutcome.confirmed(publish);
        }
    }

    @Test
    void laterMessagesDoNotPassALargeOneThatWaits() throws Exception {
        try (Client client = broker.connect(bound(MIB))) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            Producer other = client.producerWithChannel();
            CompletableFuture<Confirmation> open = producer.publishAsync(new byte[600 * KIB], NO_RETRY);
            int channel = link.expectPublish().channel();
            Publishing large = Publishing.waiting(producer, new byte[2 * MIB], NO_RETRY);
            Publishing medium = Publishing.waiting(other, new byte[600 * KIB], NO_RETRY);
            Publishing small = Publishing.waiting(other, new byte[10], NO_RETRY);
            link.expectSilence(50);
            link.ack(channel, 1);
            assertThat(link.expectPublish().body()).hasSize(2 * MIB);
            link.expectSilence(50);
            link.ack(channel, 2);
            ScriptedLink.Published first = link.expectPublish();
            ScriptedLink.Published second = link.expectPublish();
            // Both are admitted now. A large body is encoded without the lock: the small one may be sent first.
            assertThat(List.of(first.body().length, second.body().length)).containsExactlyInAnyOrder(600 * KIB, 10);
            link.ackAllUpTo(first.channel(), 2);
            for (Publishing publishing : List.of(large, medium, small)) {
                PublishOutcome.confirmed(publishing.outcome());
            }
            PublishOutcome.confirmed(open);
        }
    }

    @Test
    @SuppressWarnings("try") // closed before: the publishing threads end then
    void messageLargerThanTheBoundIsAdmittedBesideAStreamOfSmallOnes() throws Exception {
        try (Client client = broker.connect(bound(MIB))) {
            Producer producer = client.connection().producer();
            AtomicBoolean ended = new AtomicBoolean();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Thread thread = new Thread(() -> {
                    while (!ended.get()) {
                        var unused = producer.publishAsync(new byte[10 * KIB], NO_RETRY);
                    }
                });
                thread.start();
                threads.add(thread);
            }
            ScriptedLink link = client.link();
            Publishing large = null;
            for (int tag = 1; large == null || !large.isDone() || !large.get().isDone(); tag++) {
                ScriptedLink.Published published = link.expectPublish();
                // Keeps one message unconfirmed, unless the client waits for its confirm.
                boolean silent = catchThrowable(() -> link.expectSilence(20)) == null;
                link.ackAllUpTo(published.channel(), silent ? tag : tag - 1);
                if (tag == 200) {
                    large = new Publishing(producer, new byte[2 * MIB], NO_RETRY.timeout(Duration.ofSeconds(10)));
                }
            }
            ended.set(true);
            PublishOutcome.confirmed(large.outcome());
            client.close();
            for (Thread thread : threads) {
                thread.join(10_000);
                assertThat(thread.isAlive()).isFalse();
            }
        }
    }

    /** What waits for delayed messages alone must not delay others. */
    @Test
    void laterMessagesPassOneThatWaitsForDelayedMessages() throws Exception {
        try (Client client = broker.connect(bound(MIB))) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> delayed =
                    producer.publishAsync(new byte[600 * KIB], retryAfter(Duration.ofHours(1)));
            int channel = link.expectPublish().channel();
            link.nack(channel, 1);
            Publishing large = Publishing.waiting(producer, new byte[900 * KIB], NO_RETRY);
            CompletableFuture<Confirmation> small = producer.publishAsync("small", NO_RETRY);
            link.ack(link.expectPublishes("small"), 2);
            PublishOutcome.confirmed(small);
            assertThat(large.isDone()).isFalse();
            assertThat(delayed).isNotDone();
        }
    }

    @Test
    void interruptDuringTheRetryDelayReportsTheStatusOfTheLastAttempt() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CountDownLatch returned = new CountDownLatch(1);
            PublishOptions options = retryAfter(Duration.ofHours(1), returned).mandatory(true);
            FutureTask<DeliveryStatus> publishing = new FutureTask<>(() -> {
                try {
                    client.connection().producer().publish("unroutable", options);
                } catch (PublishException e) {
                    return e.delivery();
                }
                throw new AssertionError("published");
            });
            Thread thread = new Thread(publishing);
            thread.start();
            client.link().returnUnroutable(client.link().expectPublish());
            assertThat(returned.await(10, TimeUnit.SECONDS)).isTrue();
            thread.interrupt();
            assertThat(publishing.get(10, TimeUnit.SECONDS)).isEqualTo(DeliveryStatus.NOT_SENT);
        }
    }
}
