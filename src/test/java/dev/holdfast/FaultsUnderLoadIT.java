package dev.holdfast;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.NodeTest;
import dev.holdfast.testing.TestBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.FaultProxy.Direction;
import dev.holdfast.testkit.RabbitCluster;
import dev.holdfast.testkit.RabbitNode;
import dev.holdfast.testkit.RabbitVersion;
import java.time.Duration;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
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
    private static final PublishOptions OPTIONS = PublishOptions.defaults().confirmTimeout(Duration.ofMinutes(3));

    private final Queue queue = Queue.of("load-" + UUID.randomUUID());
    private final Queue quorum = queue.quorum();

    /**
     * The queue of a single node. A single RabbitMQ 3.10 node does not always elect the leader of a quorum queue
     * again after kill -9; it then confirms nothing more. A cluster that keeps its majority elects one.
     */
    private final Queue singleNodeQueue = Boolean.getBoolean("holdfast.load.quorum") ? quorum : queue;

    @NodeTest
    void everyMessageArrivesWhenRabbitIsKilled(RabbitNode node) throws Exception {
        PublishLoad load = new PublishLoad(
                node.uri(), singleNodeQueue, OPTIONS.declare(singleNodeQueue).retry(), MESSAGES);
        load.run(KILLS, () -> kill(node), node::boot);
        load.assertAllConfirmedAndArrived(node.uri());
    }

    @NodeTest
    void outcomesAreCorrectAndKnownWhileRabbitIsDown(RabbitNode node) throws Exception {
        PublishLoad load = new PublishLoad(node.uri(), singleNodeQueue, OPTIONS, MESSAGES);
        load.outcomesBeforeRepair = true;
        load.run(KILLS, () -> kill(node), node::boot);
        load.assertOutcomesAreCorrect(node.uri());
    }

    /** Without its metadata the node would come back without the queue. */
    private static void kill(RabbitNode node) {
        node.syncMetadata();
        node.kill();
    }

    @BrokerTest
    void everyMessageArrivesWhenTheConnectionIsCut(TestBroker broker) throws Exception {
        try (FaultProxy proxy = FaultProxy.to(broker.port())) {
            Queue declared = broker.isRabbit() ? quorum : queue;
            PublishLoad load = new PublishLoad(
                    proxy.uri(broker.uri()), declared, OPTIONS.declare(declared).retry(), MESSAGES);
            load.run(broker.isRabbit() ? KILLS : CUTS, randomCuts(proxy), () -> {});
            load.assertAllConfirmedAndArrived(broker.uri());
        }
    }

    @BrokerTest
    void outcomesAreCorrectWhenTheConnectionIsCut(TestBroker broker) throws Exception {
        try (FaultProxy proxy = FaultProxy.to(broker.port())) {
            PublishLoad load = new PublishLoad(proxy.uri(broker.uri()), queue, OPTIONS, MESSAGES);
            load.run(CUTS, randomCuts(proxy), () -> {});
            load.assertOutcomesAreCorrect(broker.uri());
        }
    }

    @NodeTest
    void everyMessageArrivesWhenTheQueueLeaderIsKilled(RabbitVersion version) throws Exception {
        try (RabbitCluster cluster = RabbitCluster.start(version, 3)) {
            PublishLoad load = new PublishLoad(
                    String.join(";", cluster.uris()),
                    quorum,
                    OPTIONS.declare(quorum).retry(),
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

    private RabbitNode leader(RabbitCluster cluster) {
        String queues = cluster.node(0).ctl("--quiet", "list_queues", "name", "leader");
        return cluster.nodes().stream()
                .filter(node -> queues.contains(queue.name() + "\t" + node.name()))
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
