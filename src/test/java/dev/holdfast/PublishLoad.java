package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.PublishOutcomes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Publishes numbered messages in order from one thread while faults are injected, and checks outcomes and arrivals. */
final class PublishLoad {
    private static final Duration PROGRESS_LIMIT = Duration.ofMinutes(5);

    /** Far below the confirm timeout of the publishes: an outcome within it is due to the lost connection. */
    private static final Duration OUTCOME_LIMIT = Duration.ofSeconds(30);

    private final String uri;
    private final Queue queue;
    private final PublishOptions options;
    private final int messages;
    private final List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
    private final AtomicInteger published = new AtomicInteger();
    private final AtomicInteger completed = new AtomicInteger();
    private final Map<String, Integer> retryCauses = new ConcurrentHashMap<>();
    private final Set<Integer> nacked = ConcurrentHashMap.newKeySet();

    /** Whether after each fault, before its repair, every earlier publish must get its outcome. */
    boolean outcomesBeforeRepair;

    /** @param options of every publish; exchange and routing key are set here */
    PublishLoad(String uri, Queue queue, PublishOptions options, int messages) {
        this.uri = uri;
        this.queue = queue;
        this.options = options.exchange("").routingKey(queue.name());
        this.messages = messages;
    }

    /**
     * Publishes all messages with this many faults spread evenly over them; returns when every publish has its
     * outcome.
     */
    void run(int faults, Runnable fault, Runnable repair) throws Exception {
        try (Connection connection = Connection.open(
                ConnectionOptions.parse(uri).reconnectBackoff(Duration.ofMillis(20), Duration.ofMillis(500)))) {
            connection.channel().declare(queue);
            CompletableFuture<Void> faultInjection = CompletableFuture.runAsync(() -> {
                for (int i = 1; i <= faults; i++) {
                    int threshold = (int) ((long) messages * i / (faults + 1));
                    await("outcome " + threshold, PROGRESS_LIMIT, () -> completed.get() >= threshold);
                    int publishedBefore = published.get();
                    fault.run();
                    if (outcomesBeforeRepair) {
                        await("outcomes after fault " + i, OUTCOME_LIMIT, () -> areDone(publishedBefore));
                    }
                    repair.run();
                }
            });
            Producer producer = connection.producer();
            for (int id = 0; id < messages && !faultInjection.isCompletedExceptionally(); id++) {
                CompletableFuture<Confirmation> publish = producer.publishAsync(
                        ByteBuffer.allocate(100).putInt(id).array(), recordingRetries(id));
                publish.whenComplete((confirmation, error) -> completed.incrementAndGet());
                publishes.add(publish);
                published.set(publishes.size());
            }
            faultInjection.get(40L * faults + 300, TimeUnit.SECONDS);
            await("the last outcome", PROGRESS_LIMIT, () -> completed.get() == messages);
        }
    }

    /** Options that record retries: the order of a message that was nacked is not guaranteed. */
    private PublishOptions recordingRetries(int id) {
        RetryPolicy policy = options.retryPolicy();
        return policy.isNone()
                ? options
                : options.retry(policy.onRetry((cause, delay) -> {
                    retryCauses.merge(cause.getClass().getSimpleName(), 1, Integer::sum);
                    if (cause instanceof NackedException) {
                        nacked.add(id);
                    }
                }));
    }

    private boolean areDone(int count) {
        for (int id = 0; id < count; id++) {
            if (!publishes.get(id).isDone()) {
                return false;
            }
        }
        return true;
    }

    /** For publishes with retry: every message arrives, in order except those that the broker nacked. */
    void assertAllConfirmedAndArrived(String brokerUri) throws Exception {
        long retried = 0;
        for (CompletableFuture<Confirmation> publish : publishes) {
            retried += publish.get().attempts() > 1 ? 1 : 0;
        }
        ReceivedMessages received = ReceivedMessages.read(brokerUri, queue.name());
        System.out.printf(
                "PublishLoad: %d confirmed, %d of them after a retry, %d duplicates; causes of retries: %s%n",
                publishes.size(), retried, received.duplicates(), retryCauses);
        assertThat(received.ids().cardinality()).isEqualTo(messages);
        assertThat(received.outOfOrder(nacked))
                .as("first deliveries out of order")
                .isEmpty();
    }

    /**
     * For publishes without retry: confirmed messages are in the queue, in order, NOT_SENT ones are not, and none is
     * duplicated. A message of unknown outcome may follow newer ones: RabbitMQ goes on to process what it has read from
     * a lost connection while it reads from the next one.
     */
    void assertOutcomesAreCorrect(String brokerUri) throws Exception {
        ReceivedMessages received = ReceivedMessages.read(brokerUri, queue.name());
        int confirmed = 0;
        Set<Integer> unknown = new HashSet<>();
        int notSent = 0;
        for (int id = 0; id < messages; id++) {
            DeliveryStatus status = failureStatus(publishes.get(id));
            if (status == null) {
                confirmed++;
                assertThat(received.ids().get(id))
                        .as("confirmed message " + id + " is in the queue")
                        .isTrue();
            } else if (status == DeliveryStatus.NOT_SENT) {
                notSent++;
                assertThat(received.ids().get(id))
                        .as("message " + id + ", NOT_SENT, is in the queue")
                        .isFalse();
            } else {
                unknown.add(id);
            }
        }
        System.out.printf(
                "PublishLoad: %d confirmed, %d unknown, %d not sent; %d received%n",
                confirmed, unknown.size(), notSent, received.ids().cardinality());
        assertThat(received.duplicates()).as("duplicates").isZero();
        assertThat(received.outOfOrder(unknown))
                .as("first deliveries out of order")
                .isEmpty();
        assertThat(unknown).as("publishes of unknown outcome").isNotEmpty();
    }

    /** The status of a failed publish; null for a confirmed one. */
    private static @Nullable DeliveryStatus failureStatus(CompletableFuture<Confirmation> publish) {
        Throwable failure = PublishOutcomes.failure(publish);
        if (failure == null) {
            return null;
        }
        assertThat(failure).isInstanceOf(PublishException.class);
        return ((PublishException) failure).delivery();
    }

    /** {@link Await#until} for use in another thread. */
    private static void await(String description, Duration limit, Callable<Boolean> condition) {
        try {
            Await.until(description, limit, condition);
        } catch (Exception e) {
            throw new AssertionError(description, e);
        }
    }
}
