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

/**
 * Kills brokers and cuts connections under load. With retry every message arrives. Without retry every outcome is
 * correct. No publish stays without an outcome.
 */
@Tag("load")
@Timeout(3600)
class FaultsUnderLoadIT {
    private static final int MESSAGES = Integer.getInteger("holdfast.load.messages", 100_000);
    private static final int KILLS = Integer.getInteger("holdfast.load.kills", 3);
    private static final int LEADERS = Integer.getInteger("holdfast.load.leaders", 1);
    private static final int CUTS = 20;
    private static final Queue QUEUE = Queue.of("load");
    private static final Queue QUORUM = QUEUE.quorum();

    /**
     * The queue of a single node. A single RabbitMQ 3.10 node does not always elect the leader of a quorum queue
     * again after kill -9; it then confirms nothing more. A cluster that keeps its majority elects one.
     */
    private static final Queue SINGLE_NODE_QUEUE = Boolean.getBoolean("holdfast.load.quorum") ? QUORUM : QUEUE;

    private static final PublishOptions OPTIONS = PublishOptions.defaults().confirmTimeout(Duration.ofMinutes(3));

    @Test
    void everyMessageArrivesWhenRabbitIsKilled() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start()) {
            PublishLoad load = new PublishLoad(
                    node.uri(),
                    SINGLE_NODE_QUEUE,
                    OPTIONS.declare(SINGLE_NODE_QUEUE).retry(),
                    MESSAGES);
            load.run(KILLS, node::kill, node::boot);
            load.assertAllConfirmedAndArrived(node.uri());
        }
    }

    @Test
    void outcomesAreCorrectAndKnownWhileRabbitIsDown() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start()) {
            PublishLoad load = new PublishLoad(node.uri(), SINGLE_NODE_QUEUE, OPTIONS, MESSAGES);
            load.outcomesBeforeRepair = true;
            load.run(KILLS, node::kill, node::boot);
            load.assertOutcomesAreCorrect(node.uri());
        }
    }

    @Test
    void everyMessageArrivesWhenTheConnectionIsCut() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FaultProxy proxy = FaultProxy.to(broker.port())) {
            PublishLoad load = new PublishLoad(
                    proxy.uri(broker.uri()), QUEUE, OPTIONS.declare(QUEUE).retry(), MESSAGES);
            load.run(CUTS, randomCuts(proxy), () -> {});
            load.assertAllConfirmedAndArrived(broker.uri());
        }
    }

    @Test
    void outcomesAreCorrectWhenTheConnectionIsCut() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FaultProxy proxy = FaultProxy.to(broker.port())) {
            PublishLoad load = new PublishLoad(proxy.uri(broker.uri()), QUEUE, OPTIONS, MESSAGES);
            load.run(CUTS, randomCuts(proxy), () -> {});
            load.assertOutcomesAreCorrect(broker.uri());
        }
    }

    @Test
    void everyMessageArrivesWhenTheConnectionToRabbitIsCut() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitNode node = RabbitNode.start();
                FaultProxy proxy = FaultProxy.to(node.port())) {
            PublishLoad load = new PublishLoad(
                    proxy.uri(node.uri()), QUORUM, OPTIONS.declare(QUORUM).retry(), MESSAGES);
            load.run(KILLS, randomCuts(proxy), () -> {});
            load.assertAllConfirmedAndArrived(node.uri());
        }
    }

    @Test
    void everyMessageArrivesWhenTheQueueLeaderIsKilled() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        try (RabbitCluster cluster = RabbitCluster.start(3)) {
            PublishLoad load = new PublishLoad(
                    String.join(";", cluster.uris()),
                    QUORUM,
                    OPTIONS.declare(QUORUM).retry(),
                    MESSAGES);
            AtomicReference<RabbitNode> killed = new AtomicReference<>();
            load.run(
                    LEADERS,
                    () -> {
                        killed.set(leader(cluster));
                        killed.get().kill();
                    },
                    () -> killed.get().boot());
            load.assertAllConfirmedAndArrived(cluster.node(0).uri());
        }
    }

    private static RabbitNode leader(RabbitCluster cluster) {
        String queues = cluster.node(0).ctl("--quiet", "list_queues", "name", "leader");
        return cluster.nodes().stream()
                .filter(node -> queues.contains("load\t" + node.name()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no leader among " + queues));
    }

    /** Cuts the connection at once; half of the cuts also cut the next connection after a random number of bytes. */
    private static Runnable randomCuts(FaultProxy proxy) {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.out.println("FaultsUnderLoadIT: seed " + seed + " (repeat with -Dholdfast.seed=" + seed + ")");
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
