package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.PublishException.DeliveryStatus;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Numbered messages published in order by one thread while somebody breaks the connection. */
final class PublishLoad {
    private static final long PATIENCE_SECONDS = 300;
    private static final long TOLD_WITHIN_SECONDS = 5;

    private final String uri;
    private final Queue queue;
    private final PublishOptions options;
    private final int messages;
    private final List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
    private final AtomicInteger published = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final Map<String, Integer> causes = new ConcurrentHashMap<>();
    private final Set<Integer> nacked = ConcurrentHashMap.newKeySet();

    /** After each fault every publish made before it must have its outcome at once. */
    boolean tellsAtOnce;

    /** @param options what each is published with, but for where to */
    PublishLoad(String uri, Queue queue, PublishOptions options, int messages) {
        this.uri = uri;
        this.queue = queue;
        this.options = options.exchange("").routingKey(queue.name());
        this.messages = messages;
    }

    /** Publishes everything, with so many faults spread evenly over it; ends when every outcome is known. */
    void run(int faults, Runnable fault, Runnable mend) throws Exception {
        try (Connection connection = Connection.open(
                ConnectionOptions.parse(uri).reconnectBackoff(Duration.ofMillis(20), Duration.ofMillis(500)))) {
            connection.channel().declare(queue);
            CompletableFuture<Void> breaking = CompletableFuture.runAsync(() -> {
                for (int i = 1; i <= faults; i++) {
                    int due = (int) ((long) messages * i / (faults + 1));
                    await(() -> done.get() >= due, PATIENCE_SECONDS, "message " + due);
                    int before = published.get();
                    fault.run();
                    if (tellsAtOnce) {
                        await(() -> areDone(before), TOLD_WITHIN_SECONDS, "outcomes after loss " + i);
                    }
                    mend.run();
                }
            });
            Producer producer = connection.producer();
            for (int id = 0; id < messages && !breaking.isCompletedExceptionally(); id++) {
                CompletableFuture<Confirmation> publish = producer.publishAsync(
                        ByteBuffer.allocate(100).putInt(id).array(), noting(id));
                publish.whenComplete((confirmation, error) -> done.incrementAndGet());
                publishes.add(publish);
                published.set(publishes.size());
            }
            breaking.get(40L * faults + 300, TimeUnit.SECONDS);
            await(() -> done.get() == messages, PATIENCE_SECONDS, "the last outcome");
        }
    }

    /** Whether a publish was ever nacked decides whether its order is promised. */
    private PublishOptions noting(int id) {
        RetryPolicy policy = options.retryPolicy();
        return policy.isNone()
                ? options
                : options.retry(policy.onRetry((cause, sleep) -> {
                    causes.merge(cause.getClass().getSimpleName(), 1, Integer::sum);
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

    /** For retrying publishes: nothing is lost, order is kept but for what the broker nacked, what came twice was counted. */
    void assertAllConfirmedAndArrived(String brokerUri) throws Exception {
        long retried = 0;
        for (CompletableFuture<Confirmation> publish : publishes) {
            retried += publish.get().attempts() > 1 ? 1 : 0;
        }
        ReceivedMessages arrived = ReceivedMessages.read(brokerUri, queue.name());
        System.out.printf(
                "storm: %d confirmed, %d of them again, %d duplicates; tried again for %s%n",
                publishes.size(), retried, arrived.duplicates(), causes);
        assertThat(arrived.ids().cardinality()).isEqualTo(messages);
        assertThat(arrived.outOfOrder(nacked))
                .as("first deliveries out of order")
                .isEmpty();
    }

    /** For publishes without retry: confirmed ones are there, unsent ones are not, none came twice. */
    void assertOutcomesAreTrue(String brokerUri) throws Exception {
        ReceivedMessages arrived = ReceivedMessages.read(brokerUri, queue.name());
        int confirmed = 0;
        int unknown = 0;
        int notSent = 0;
        for (int id = 0; id < messages; id++) {
            DeliveryStatus failed = failure(publishes.get(id));
            if (failed == null) {
                confirmed++;
                assertThat(arrived.ids().get(id))
                        .as("confirmed message " + id + " is in the queue")
                        .isTrue();
            } else if (failed == DeliveryStatus.NOT_SENT) {
                notSent++;
                assertThat(arrived.ids().get(id))
                        .as("message " + id + ", not sent, is in the queue")
                        .isFalse();
            } else {
                unknown++;
            }
        }
        System.out.printf(
                "storm: %d confirmed, %d unknown, %d not sent; %d arrived%n",
                confirmed, unknown, notSent, arrived.ids().cardinality());
        assertThat(arrived.duplicates()).as("sent twice").isZero();
        assertThat(arrived.outOfOrder(Set.of()))
                .as("first deliveries out of order")
                .isEmpty();
        assertThat(unknown).as("lost with the connection").isPositive();
    }

    private static @Nullable DeliveryStatus failure(CompletableFuture<Confirmation> publish) {
        try {
            publish.join();
            return null;
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(PublishException.class);
            return ((PublishException) e.getCause()).delivery();
        }
    }

    private static void await(BooleanSupplier condition, long seconds, String what) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
