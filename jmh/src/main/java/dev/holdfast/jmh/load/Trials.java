package dev.holdfast.jmh.load;

import dev.holdfast.jmh.impl.ClientType;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Cases measured in turn, round after round, each time in a fresh JVM and against a fresh peer in a process of its own: what the
 * machine does meanwhile hits all alike.
 */
public final class Trials {
    private final Fork fork;
    private final int rounds;

    public Trials(Fork fork, int rounds) {
        this.fork = fork;
        this.rounds = rounds;
    }

    /** Runs them all against a discarding peer, which must have got every message. */
    public Map<Case, List<Figures>> discarding(List<Case> cases) throws IOException, InterruptedException {
        Map<Case, List<Figures>> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Case what : cases) {
                try (DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_READ)) {
                    Figures figures = fork.measure(broker.uri(), what);
                    requireArrived(broker, what, figures);
                    all.computeIfAbsent(what, key -> new ArrayList<>()).add(figures);
                }
            }
        }
        return all;
    }

    /** Runs them all against a broker, which is made ready before each measurement and afterwards. */
    public Map<Case, List<Figures>> broker(RealBroker broker, List<Case> cases)
            throws IOException, InterruptedException {
        Map<Case, List<Figures>> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Case what : cases) {
                broker.prepare();
                Figures figures = fork.measure(broker.uri(), what);
                broker.requireArrived(what, figures);
                all.computeIfAbsent(what, key -> new ArrayList<>()).add(figures);
            }
        }
        broker.cleanUp();
        return all;
    }

    /** The synchronous publish of two clients: the medians of p50 and p99 in microseconds, of the first, then of the second. */
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

    private static void requireArrived(DiscardingBroker broker, Case what, Figures figures) throws IOException {
        long arrived = broker.messages();
        if (arrived != figures.sent()) {
            throw new IOException(what + ": " + arrived + " arrived (expected: " + figures.sent() + ")");
        }
    }
}
