package dev.holdfast.jmh.load;

import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs scenarios in alternating rounds, each measurement in a fresh JVM and against a fresh peer in a separate
 * process, so that other load on the machine affects all alike.
 */
public final class Trials {
    private final Fork fork;
    private final int rounds;

    public Trials(Fork fork, int rounds) {
        this.fork = fork;
        this.rounds = rounds;
    }

    /** Runs the scenarios against a discarding peer, and checks that it received every message. */
    public Map<Scenario, List<Figures>> discarding(List<Scenario> scenarios) throws IOException, InterruptedException {
        Map<Scenario, List<Figures>> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Scenario scenario : scenarios) {
                try (DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_READ)) {
                    Figures figures = fork.measure(broker.uri(), scenario);
                    requireArrived(broker, scenario, figures);
                    all.computeIfAbsent(scenario, key -> new ArrayList<>()).add(figures);
                }
            }
        }
        return all;
    }

    /** Runs the scenarios against a broker, which is prepared before each measurement and cleaned up at the end. */
    public Map<Scenario, List<Figures>> broker(BrokerPeer broker, List<Scenario> scenarios)
            throws IOException, InterruptedException {
        Map<Scenario, List<Figures>> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Scenario scenario : scenarios) {
                broker.prepare();
                Figures figures = fork.measure(broker.uri(), scenario);
                broker.requireArrived(scenario, figures);
                all.computeIfAbsent(scenario, key -> new ArrayList<>()).add(figures);
            }
        }
        broker.cleanUp();
        return all;
    }

    /**
     * Synchronous publishes of two clients: the medians of p50 and p99 in microseconds, of the first, then of the
     * second.
     */
    public double[] paired(ClientType first, ClientType second) throws IOException, InterruptedException {
        double[][] all = new double[rounds][];
        for (int round = 0; round < rounds; round++) {
            try (DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_READ)) {
                all[round] = fork.pair(broker.uri(), first, second);
            }
        }
        double[] medians = new double[4];
        for (int i = 0; i < medians.length; i++) {
            int figure = i;
            double[] sorted =
                    Stream.of(all).mapToDouble(pair -> pair[figure]).sorted().toArray();
            medians[i] = sorted[sorted.length / 2];
        }
        return medians;
    }

    private static void requireArrived(DiscardingBroker broker, Scenario scenario, Figures figures) throws IOException {
        long arrived = broker.messages();
        if (arrived != figures.sent()) {
            throw new IOException(scenario + ": " + arrived + " arrived (expected: " + figures.sent() + ")");
        }
    }
}
