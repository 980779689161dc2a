package dev.holdfast;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.FaultProxy.Direction;
import dev.holdfast.testkit.RabbitCluster;
import dev.holdfast.testkit.RabbitNode;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Brokers that are killed and connections that are cut under load: nothing is lost, nothing hangs, nothing lies. */
@Tag("load")
@Timeout(3600)
class RestartIT {
    private static final int MESSAGES = Integer.getInteger("holdfast.load.messages", 100_000);
    private static final int KILLS = Integer.getInteger("holdfast.load.kills", 3);
    private static final int LEADERS = Integer.getInteger("holdfast.load.leaders", 1);
    private static final int CUTS = 20;
    private static final Queue QUEUE = Queue.of("storm");
    private static final Queue QUORUM = QUEUE.quorum();

    /**
     * RabbitMQ 3.10 alone does not always find the leader of a quorum queue again after kill -9: then it confirms nothing any
     * more, whatever a client does. A cluster that keeps its majority does.
     */
    private static final Queue ALONE = Boolean.getBoolean("holdfast.load.quorum") ? QUORUM : QUEUE;

    private static final PublishOptions ONCE = PublishOptions.defaults().confirmTimeout(Duration.ofMinutes(3));

    @Test
    void everythingArrivesThoughRabbitIsKilled() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start()) {
            Storm storm = new Storm(node.uri(), ALONE, ONCE.declare(ALONE).retry(), MESSAGES);
            storm.run(KILLS, node::kill, node::boot);
            storm.assertAllConfirmedAndArrived(node.uri());
        }
    }

    @Test
    void outcomesAreToldAtOnceAndRightlyThoughRabbitIsKilled() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start()) {
            Storm storm = new Storm(node.uri(), ALONE, ONCE, MESSAGES);
            storm.tellsAtOnce = true;
            storm.run(KILLS, node::kill, node::boot);
            storm.assertOutcomesAreTrue(node.uri());
        }
    }

    @Test
    void everythingArrivesThoughTheConnectionIsCut() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FaultProxy proxy = FaultProxy.to(broker.port())) {
            Storm storm = new Storm(
                    proxy.uri(broker.uri()), QUEUE, ONCE.declare(QUEUE).retry(), MESSAGES);
            storm.run(CUTS, randomCuts(proxy), () -> {});
            storm.assertAllConfirmedAndArrived(broker.uri());
        }
    }

    @Test
    void outcomesAreToldAtOnceAndRightlyThoughTheConnectionIsCut() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FaultProxy proxy = FaultProxy.to(broker.port())) {
            Storm storm = new Storm(proxy.uri(broker.uri()), QUEUE, ONCE, MESSAGES);
            storm.run(CUTS, randomCuts(proxy), () -> {});
            storm.assertOutcomesAreTrue(broker.uri());
        }
    }

    @Test
    void everythingArrivesThoughTheConnectionToRabbitIsCut() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start();
                FaultProxy proxy = FaultProxy.to(node.port())) {
            Storm storm = new Storm(
                    proxy.uri(node.uri()), QUORUM, ONCE.declare(QUORUM).retry(), MESSAGES);
            storm.run(KILLS, randomCuts(proxy), () -> {});
            storm.assertAllConfirmedAndArrived(node.uri());
        }
    }

    @Test
    void everythingArrivesThoughTheLeaderOfTheQueueIsKilled() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitCluster cluster = RabbitCluster.start(3)) {
            Storm storm = new Storm(
                    String.join(";", cluster.uris()),
                    QUORUM,
                    ONCE.declare(QUORUM).retry(),
                    MESSAGES);
            AtomicReference<RabbitNode> killed = new AtomicReference<>();
            storm.run(
                    LEADERS,
                    () -> {
                        killed.set(leader(cluster));
                        killed.get().kill();
                    },
                    () -> killed.get().boot());
            storm.assertAllConfirmedAndArrived(cluster.node(0).uri());
        }
    }

    private static RabbitNode leader(RabbitCluster cluster) {
        String queues = cluster.node(0).ctl("--quiet", "list_queues", "name", "leader");
        return cluster.nodes().stream()
                .filter(node -> queues.contains("storm\t" + node.name()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no leader among " + queues));
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
}
