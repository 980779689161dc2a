package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.jmh.floor.Floor.FloorResult;
import dev.holdfast.jmh.load.BrokerPeer;
import dev.holdfast.jmh.load.Figures;
import dev.holdfast.jmh.load.Scenario;
import dev.holdfast.jmh.load.Task;
import dev.holdfast.jmh.load.Trials;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.RabbitNode;
import dev.holdfast.testkit.RabbitVersion;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Floors against real brokers, which limit the rate: the client's CPU per message is compared. */
final class BrokerFloors {
    private static final int WINDOW = 1000;
    private static final double MAX_CPU_RATIO = 1 / 3.0;
    /** A rate at least this share of another is equal within the noise. */
    private static final double MIN_RATE_RATIO = 0.9;

    private final Trials trials;

    BrokerFloors(Trials trials) {
        this.trials = trials;
    }

    List<FloorResult> rabbit() throws Exception {
        if (!RabbitVersion.V3.installed()) {
            return List.of(new FloorResult("RabbitMQ", "measured", "not installed here", false));
        }
        try (RabbitNode node = RabbitNode.start(RabbitVersion.V3)) {
            return measure("RabbitMQ", new BrokerPeer(node.uri()));
        }
    }

    List<FloorResult> brokerJ() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            return measure("Broker-J", new BrokerPeer(broker.uri()));
        }
    }

    private List<FloorResult> measure(String name, BrokerPeer broker) throws Exception {
        List<Scenario> scenarios = Stream.concat(
                        ClientType.available("HOLDFAST").stream(), ClientType.available("AMQP_CLIENT").stream())
                .map(client -> Scenario.of(client, Task.PUBLISH).window(WINDOW))
                .toList();
        Medians medians = Medians.of(trials.broker(broker, scenarios));
        Scenario cheapest =
                cheapest(medians, medians.of(medians.fastest("HOLDFAST")).perSecond());
        Figures ours = medians.of(cheapest);
        Scenario peer = medians.fastest("AMQP_CLIENT");
        Figures theirs = medians.of(peer);
        double rate = ours.perSecond() / theirs.perSecond();
        double cpu = ours.threadMicros() / lowest(medians, Figures::threadMicros);
        double processCpu = ours.cpuMicros() / lowest(medians, Figures::cpuMicros);
        String subject = name + ", window 1,000, " + cheapest.client();
        return List.of(
                new FloorResult(
                        subject + ", the broker's limit",
                        "no slower than " + peer.client() + " within 10 %",
                        String.format("%,.0f/s, %.2f times", ours.perSecond(), rate),
                        rate >= MIN_RATE_RATIO),
                new FloorResult(
                        subject + ", CPU of its threads per message",
                        "<= 1/3 of amqp-client's",
                        String.format(
                                "%.2f us, %.2f of it (with JIT and GC %.2f us, %.2f)",
                                ours.threadMicros(), cpu, ours.cpuMicros(), processCpu),
                        cpu <= MAX_CPU_RATIO));
    }

    /** The transport with the least CPU among those that reach the broker's limit. */
    private static Scenario cheapest(Medians medians, double limit) {
        return medians.byScenario().keySet().stream()
                .filter(scenario -> scenario.client().name().startsWith("HOLDFAST")
                        && medians.of(scenario).perSecond() >= MIN_RATE_RATIO * limit)
                .min(Comparator.comparingDouble(scenario -> medians.of(scenario).threadMicros()))
                .orElseThrow();
    }

    /**
     * The lowest CPU of amqp-client's modes, which need not be that of its fastest mode. A broker takes so few
     * messages that the JIT compiler can account for half of the CPU of the whole process.
     */
    private static double lowest(Medians medians, ToDoubleFunction<Figures> cpu) {
        return medians.byScenario().keySet().stream()
                .filter(scenario -> scenario.client().name().startsWith("AMQP_CLIENT"))
                .mapToDouble(scenario -> cpu.applyAsDouble(medians.of(scenario)))
                .min()
                .orElseThrow();
    }
}
