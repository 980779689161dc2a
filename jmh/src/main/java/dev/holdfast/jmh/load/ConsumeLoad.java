package dev.holdfast.jmh.load;

import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.jmh.adapter.LoadConnection;
import dev.holdfast.jmh.adapter.Target;
import dev.holdfast.testkit.DiscardingBroker;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;

/** Consumes prepared deliveries, and counts them from the end of the warm-up to the end of the measurement. */
final class ConsumeLoad {
    /** More than any client consumes during a measurement. */
    private static final long MESSAGES = 1_000_000_000L;

    private static final int CHECK_INTERVAL = 1024;

    private final CompletableFuture<Figures> figures = new CompletableFuture<>();
    private final long warmUpNanos;
    private final long nanos;
    private final long start = System.nanoTime();
    private long count;
    private long countBefore;
    private CostSnapshot before = CostSnapshot.now();
    private boolean warm;

    ConsumeLoad(double warmUp, double seconds) {
        this.warmUpNanos = (long) (warmUp * 1e9);
        this.nanos = warmUpNanos + (long) (seconds * 1e9);
    }

    Figures run(ClientType client, String uri, int size) throws Exception {
        try (LoadConnection connection = client.connect(new Target(uri, 1, false, 1))) {
            connection.consume(DiscardingBroker.deliveryQueue(size, MESSAGES), this::delivered);
            return figures.get();
        }
    }

    /** Called by the client for every message, by one thread at a time. */
    private void delivered() {
        if (++count % CHECK_INTERVAL != 0) {
            return;
        }
        long elapsed = System.nanoTime() - start;
        if (!warm && elapsed >= warmUpNanos) {
            warm = true;
            countBefore = count;
            before = CostSnapshot.now();
        } else if (warm && elapsed >= nanos && !figures.isDone()) {
            boolean unused =
                    figures.complete(before.until(CostSnapshot.now(), 0, count - countBefore, new Histogram(1000, 3)));
        }
    }
}
