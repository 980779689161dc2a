package dev.holdfast.jmh.load;

import dev.holdfast.jmh.impl.ClientType;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The latency of the synchronous publish of two clients in one JVM, in short turns: what the machine does meanwhile hits both
 * alike. Prints p50 and p99 of each, in microseconds.
 */
public final class Paired {
    private static final double TURN_SECONDS = 0.05;

    private Paired() {}

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
        try (SyncLoad one = new SyncLoad(first, arguments[0], 100, 0);
                SyncLoad other = new SyncLoad(second, arguments[0], 100, 0)) {
            takeTurns(one, other, warmUp);
            one.reset();
            other.reset();
            takeTurns(one, other, seconds);
            System.out.println(percentiles(one.latencies()) + " " + percentiles(other.latencies()));
        }
    }

    /** Each for so long; who begins changes. */
    private static void takeTurns(SyncLoad one, SyncLoad other, double seconds) throws Exception {
        long end = System.nanoTime() + (long) (seconds * 2 * TimeUnit.SECONDS.toNanos(1));
        List<SyncLoad> order = List.of(one, other, other, one);
        for (int turn = 0; System.nanoTime() < end; turn++) {
            long unused = order.get(turn % order.size()).publish(TURN_SECONDS);
        }
    }

    private static String percentiles(Histogram latencies) {
        return latencies.getValueAtPercentile(50) / 1e3 + " " + latencies.getValueAtPercentile(99) / 1e3;
    }
}
