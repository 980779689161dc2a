package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Coalescing of reads from a broker that confirms one message at a time, and the cases in which it is off. */
class ReadCoalescingTest extends ScriptedTest {
    private static final int WINDOW = 1000;

    /** Polls of the state after each ack. A pause takes at least 125 µs, here 1 ms. */
    private static final int POLLS = 5;

    private static final long POLL_NANOS = 50_000;
    private static final String COALESCING = "auto-read paused by [COALESCING]";

    private final AtomicInteger pauses = new AtomicInteger();

    @Test
    void readsAreCoalescedWhilePublishersWaitForRoom() throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmed(WINDOW))) {
            publishAll(client, WINDOW + 1);
            assertThat(pauses.get()).as("pauses observed").isPositive();
        }
    }

    @Test
    void readsAreNotCoalescedWithoutWaitingPublishers() throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmed(WINDOW))) {
            publishAll(client, WINDOW);
            assertThat(pauses.get()).isZero();
        }
    }

    /** Coalescing would delay deliveries. */
    @Test
    void readsAreNotCoalescedWithAConsumer() throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmed(WINDOW))) {
            ScriptedConsumer.start(
                    client.link(),
                    client.channel().consumeAsync("q", ConsumeOptions.defaults().noAck(true), delivery -> {}));
            publishAll(client, WINDOW + 1);
            assertThat(pauses.get()).isZero();
        }
    }

    /** Coalescing would delay the reply. */
    @Test
    void readsAreNotCoalescedDuringAnRpc() throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmed(WINDOW))) {
            CompletableFuture<Long> purging = client.channel().purgeAsync("q");
            var purge = client.link().expect(QueueMethods.Purge.class);
            publishAll(client, WINDOW + 1);
            assertThat(pauses.get()).isZero();
            purge.reply(new QueueMethods.PurgeOk(7));
            assertThat(purging.get(10, TimeUnit.SECONDS)).isEqualTo(7);
        }
    }

    /**
     * Confirms messages one by one until a pause is observed, at most half of the window, then confirms the others with
     * one ack.
     */
    private void publishAll(Client client, int messages) throws Exception {
        Connection connection = client.connection();
        AtomicReference<Thread> publisher = new AtomicReference<>();
        CompletableFuture<List<CompletableFuture<Confirmation>>> publishing = CompletableFuture.supplyAsync(() -> {
            publisher.set(Thread.currentThread());
            List<CompletableFuture<Confirmation>> all = new ArrayList<>();
            for (int i = 0; i < messages; i++) {
                all.add(connection.producer().publishAsync("body", NO_RETRY));
            }
            return all;
        });
        for (int i = 0; i < WINDOW; i++) {
            client.link().expectPublish();
        }
        Await.until(
                "the publisher waits for room, or is done",
                () -> publishing.isDone() || publisher.get().getState() == Thread.State.TIMED_WAITING);
        for (int tag = 1; tag < WINDOW / 2 && pauses.get() == 0; tag++) {
            client.link().ack(client.publishChannel(), tag);
            for (int poll = 0; poll < POLLS; poll++) {
                LockSupport.parkNanos(POLL_NANOS);
                if (connection.toString().contains(COALESCING)) {
                    pauses.incrementAndGet();
                }
            }
        }
        assertThat(messages == WINDOW || !publishing.isDone())
                .as("a publisher waits")
                .isTrue();
        client.link().ackAllUpTo(client.publishChannel(), WINDOW);
        for (int i = WINDOW; i < messages; i++) {
            client.link().expectPublish();
            client.link().ack(client.publishChannel(), i + 1);
        }
        PublishOutcome.allConfirmed(publishing.get(10, TimeUnit.SECONDS));
    }
}
