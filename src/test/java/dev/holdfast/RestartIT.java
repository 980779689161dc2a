package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.PublishException.Delivery;
import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.FaultProxy.Direction;
import dev.holdfast.testkit.RabbitNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Brokers that are killed and connections that are cut under load: nothing is lost, nothing hangs, nothing lies. */
@Tag("load")
@Timeout(600)
class RestartIT {
    private static final int MESSAGES = Integer.getInteger("holdfast.load.messages", 100_000);
    private static final int KILLS = 3;
    private static final int CUTS = 20;
    private static final long PATIENCE_SECONDS = 300;
    private static final long TOLD_WITHIN_SECONDS = 5;
    private static final Queue QUEUE = Queue.of("storm");
    private static final PublishOptions ONCE =
            PublishOptions.to("", QUEUE.name()).confirmTimeout(Duration.ofMinutes(3));
    private static final PublishOptions AGAIN = ONCE.declare(QUEUE).retry();

    @Test
    void everythingArrivesThoughRabbitIsKilledThreeTimes() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start()) {
            Storm storm = new Storm(node.uri(), AGAIN);
            storm.run(KILLS, node::kill, node::startAgain);
            storm.assertAllConfirmedAndArrived(node.uri());
        }
    }

    @Test
    void outcomesAreToldAtOnceAndRightlyThoughRabbitIsKilledThreeTimes() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start()) {
            Storm storm = new Storm(node.uri(), ONCE);
            storm.tellsAtOnce = true;
            storm.run(KILLS, node::kill, node::startAgain);
            storm.assertOutcomesAreTrue(node.uri());
        }
    }

    @Test
    void everythingArrivesThoughTheConnectionIsCut() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FaultProxy proxy = FaultProxy.to(broker.port())) {
            Storm storm = new Storm(proxy.uri(broker.uri()), AGAIN);
            storm.run(CUTS, randomCuts(proxy), () -> {});
            storm.assertAllConfirmedAndArrived(broker.uri());
        }
    }

    @Test
    void outcomesAreToldAtOnceAndRightlyThoughTheConnectionIsCut() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FaultProxy proxy = FaultProxy.to(broker.port())) {
            Storm storm = new Storm(proxy.uri(broker.uri()), ONCE);
            storm.run(CUTS, randomCuts(proxy), () -> {});
            storm.assertOutcomesAreTrue(broker.uri());
        }
    }

    /** Half of them at once, half of them so that the next connection dies in the middle of something. */
    private static Runnable randomCuts(FaultProxy proxy) {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.out.println("RestartIT: seed " + seed + " (repeat with -Dholdfast.seed=" + seed + ")");
        Random random = new Random(seed);
        return () -> {
            if (random.nextBoolean()) {
                Direction direction = random.nextBoolean() ? Direction.TO_BROKER : Direction.TO_CLIENT;
                proxy.cutAfter(direction, random.nextInt(direction == Direction.TO_BROKER ? 60_000 : 2_000));
            }
            proxy.cutNow();
        };
    }

    /** Numbered messages published in order by one thread while somebody breaks the connection. */
    private static final class Storm {
        private final String uri;
        private final PublishOptions options;
        private final List<CompletableFuture<Confirmation>> publishes = new ArrayList<>(MESSAGES);
        private final AtomicInteger published = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private boolean tellsAtOnce;

        Storm(String uri, PublishOptions options) {
            this.uri = uri;
            this.options = options;
        }

        void run(int faults, Runnable fault, Runnable mend) throws Exception {
            try (Connection connection = Connection.open(
                    ConnectionOptions.parse(uri).reconnectBackoff(Duration.ofMillis(20), Duration.ofMillis(500)))) {
                connection.channel().declare(QUEUE);
                CompletableFuture<Void> breaking = CompletableFuture.runAsync(() -> {
                    for (int i = 1; i <= faults; i++) {
                        int due = (int) ((long) MESSAGES * i / (faults + 1));
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
                for (int id = 0; id < MESSAGES; id++) {
                    CompletableFuture<Confirmation> publish = producer.publishAsync(
                            ByteBuffer.allocate(100).putInt(id).array(), options);
                    publish.whenComplete((confirmation, error) -> done.incrementAndGet());
                    publishes.add(publish);
                    published.set(publishes.size());
                }
                breaking.get(400, TimeUnit.SECONDS);
                await(() -> done.get() == MESSAGES, PATIENCE_SECONDS, "the last outcome");
            }
        }

        private boolean areDone(int count) {
            for (int id = 0; id < count; id++) {
                if (!publishes.get(id).isDone()) {
                    return false;
                }
            }
            return true;
        }

        void assertAllConfirmedAndArrived(String brokerUri) throws Exception {
            long retried = 0;
            for (CompletableFuture<Confirmation> publish : publishes) {
                retried += publish.get().attempts() > 1 ? 1 : 0;
            }
            Arrived arrived = Arrived.read(brokerUri);
            System.out.printf(
                    "RestartIT: %d confirmed, %d of them again, %d duplicates%n",
                    publishes.size(), retried, arrived.duplicates);
            assertThat(retried).as("publishes that were tried again").isPositive();
            assertThat(arrived.ids.cardinality()).isEqualTo(MESSAGES);
            assertThat(arrived.firstOutOfOrder)
                    .as("first delivery out of order")
                    .isEqualTo(-1);
        }

        void assertOutcomesAreTrue(String brokerUri) throws Exception {
            Arrived arrived = Arrived.read(brokerUri);
            int confirmed = 0;
            int unknown = 0;
            int notSent = 0;
            for (int id = 0; id < MESSAGES; id++) {
                Delivery failed = failure(publishes.get(id));
                if (failed == null) {
                    confirmed++;
                    assertThat(arrived.ids.get(id))
                            .as("confirmed message " + id + " is in the queue")
                            .isTrue();
                } else if (failed == Delivery.NOT_SENT) {
                    notSent++;
                    assertThat(arrived.ids.get(id))
                            .as("message " + id + ", not sent, is in the queue")
                            .isFalse();
                } else {
                    unknown++;
                }
            }
            System.out.printf(
                    "RestartIT: %d confirmed, %d unknown, %d not sent; %d arrived%n",
                    confirmed, unknown, notSent, arrived.ids.cardinality());
            assertThat(arrived.duplicates).as("sent twice").isZero();
            assertThat(arrived.firstOutOfOrder)
                    .as("first delivery out of order")
                    .isEqualTo(-1);
            assertThat(unknown).as("lost with the connection").isPositive();
        }

        private static @Nullable Delivery failure(CompletableFuture<Confirmation> publish) {
            try {
                publish.join();
                return null;
            } catch (CompletionException e) {
                assertThat(e.getCause()).isInstanceOf(PublishException.class);
                return ((PublishException) e.getCause()).delivery();
            }
        }
    }

    private static void await(BooleanSupplier condition, long seconds, String what) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    /** What the queue holds in the end. */
    private static final class Arrived {
        private final BitSet ids = new BitSet();
        private long duplicates;
        private int last = -1;
        private int firstOutOfOrder = -1;

        static Arrived read(String uri) throws Exception {
            Arrived arrived = new Arrived();
            try (Connection connection = Connection.open(uri)) {
                Channel channel = connection.channel();
                int count = Math.toIntExact(channel.inspect(QUEUE.name()).messageCount());
                CountDownLatch all = new CountDownLatch(count);
                channel.consume(QUEUE.name(), ConsumeOptions.defaults().noAck(true), delivery -> {
                    arrived.add(ByteBuffer.wrap(delivery.body()).getInt());
                    all.countDown();
                });
                assertThat(all.await(120, TimeUnit.SECONDS))
                        .as("all of " + count + " read")
                        .isTrue();
            }
            return arrived;
        }

        private void add(int id) {
            if (ids.get(id)) {
                duplicates++;
                return;
            }
            ids.set(id);
            if (id < last && firstOutOfOrder < 0) {
                firstOutOfOrder = id;
            }
            last = id;
        }
    }
}
