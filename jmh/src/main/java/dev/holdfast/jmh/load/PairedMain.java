package dev.holdfast.jmh.load;

import dev.holdfast.jmh.adapter.ClientType;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Measures the latency of synchronous publishes of two clients in one JVM, in short turns, so that other load on the
 * machine affects both alike. Prints p50 and p99 of each, in microseconds.
 */
public final class PairedMain {
    private static final double TURN_SECONDS = 0.05;

    private PairedMain() {}

    /**
     * Takes the measurement.
     *
     * @param arguments the URI, the warm-up and the measurement in seconds, and the two clients
     */
    public static void main(String[] arguments) throws Exception {
        double warmUp = Double.parseDouble(arguments[1]);
        double seconds = Double.parseDouble(arguments[2]);
        ClientType first = ClientType.valueOf(arguments[3]);
        ClientType second = ClientType.valueOf(arguments[4]);
        try (SyncLoad firstLoad = new SyncLoad(first, arguments[0], 100, 0);
                SyncLoad secondLoad = new SyncLoad(second, arguments[0], 100, 0)) {
            takeTurns(firstLoad, secondLoad, warmUp);
            firstLoad.reset();
            secondLoad.reset();
            takeTurns(firstLoad, secondLoad, seconds);
            System.out.println(percentiles(firstLoad.latencies()) + " " + percentiles(secondLoad.latencies()));
        }
    }

    /** Gives each client turns of this total length, and alternates which one is first. */
    private static void takeTurns(SyncLoad firstLoad, SyncLoad secondLoad, double seconds) throws Exception {
        long end = System.nanoTime() + (long) (seconds * 2 * TimeUnit.SECONDS.toNanos(1));
        List<SyncLoad> order = List.of(firstLoad, secondLoad, secondLoad, firstLoad);
        for (int turn = 0; System.nanoTime() < end; turn++) {
            long unused = order.get(turn % order.size()).publish(TURN_SECONDS);
        }
    }

    private static String percentiles(Histogram latencies) {
        return latencies.getValueAtPercentile(50) / 1e3 + " " + latencies.getValueAtPercentile(99) / 1e3;
    }
}
