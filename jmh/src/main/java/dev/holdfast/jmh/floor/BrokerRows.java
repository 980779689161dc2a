package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.floor.Floor.Reached;
import dev.holdfast.jmh.impl.ClientType;
import dev.holdfast.jmh.load.Case;
import dev.holdfast.jmh.load.Figures;
import dev.holdfast.jmh.load.RealBroker;
import dev.holdfast.jmh.load.Task;
import dev.holdfast.jmh.load.Trials;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.RabbitNode;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Where the broker is what limits the rate: then the client's CPU is what counts. */
final class BrokerRows {
    private static final int WINDOW = 1000;
    private static final double OF_CPU = 1 / 3.0;
    /** Within the noise of the fastest of all clients. */
    private static final double OF_RATE = 0.9;

    private final Trials trials;

    BrokerRows(Trials trials) {
        this.trials = trials;
    }

    List<Reached> rabbit() throws Exception {
        if (!RabbitNode.available()) {
            return List.of(new Reached("RabbitMQ", "measured", "not installed here", false));
        }
        try (RabbitNode node = RabbitNode.start()) {
            return measure("RabbitMQ", new RealBroker(node.uri()));
        }
    }

    List<Reached> brokerJ() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            return measure("Broker-J", new RealBroker(broker.uri()));
        }
    }

    private List<Reached> measure(String name, RealBroker broker) throws Exception {
        List<Case> cases = Stream.concat(
                        ClientType.available("HOLDFAST").stream(), ClientType.available("AMQP_CLIENT").stream())
                .map(client -> Case.of(client, Task.PUBLISH).window(WINDOW))
                .toList();
        Medians medians = Medians.of(trials.broker(broker, cases));
        Case cheapest =
                cheapest(medians, medians.of(medians.fastest("HOLDFAST")).perSecond());
        Figures ours = medians.of(cheapest);
        Case peer = medians.fastest("AMQP_CLIENT");
        Figures theirs = medians.of(peer);
        double rate = ours.perSecond() / theirs.perSecond();
        double cpu = ours.threadMicros() / least(medians, Figures::threadMicros);
        double whole = ours.cpuMicros() / least(medians, Figures::cpuMicros);
        String who = name + ", window 1,000, " + cheapest.client();
        return List.of(
                new Reached(
                        who + ", the broker's limit",
                        "no slower than " + peer.client() + " within 10 %",
                        String.format("%,.0f/s, %.2f times", ours.perSecond(), rate),
                        rate >= OF_RATE),
                new Reached(
                        who + ", CPU of its threads per message",
                        "<= 1/3 of amqp-client's",
                        String.format(
                                "%.2f us, %.2f of it (with JIT and GC %.2f us, %.2f)",
                                ours.threadMicros(), cpu, ours.cpuMicros(), whole),
                        cpu <= OF_CPU));
    }

    /** All transports come to the broker's limit: the one that does with the least CPU. */
    private static Case cheapest(Medians medians, double limit) {
        return medians.byCase().keySet().stream()
                .filter(what -> what.client().name().startsWith("HOLDFAST")
                        && medians.of(what).perSecond() >= OF_RATE * limit)
                .min(Comparator.comparingDouble(what -> medians.of(what).threadMicros()))
                .orElseThrow();
    }

    /**
     * amqp-client's best mode by CPU, which need not be its fastest. A broker takes so few messages that the compiler's work for
     * them can be half of a figure that counts it.
     */
    private static double least(Medians medians, ToDoubleFunction<Figures> cpu) {
        return medians.byCase().keySet().stream()
                .filter(what -> what.client().name().startsWith("AMQP_CLIENT"))
                .mapToDouble(what -> cpu.applyAsDouble(medians.of(what)))
                .min()
                .orElseThrow();
    }
}
