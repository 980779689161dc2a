package dev.holdfast.jmh.load;

import dev.holdfast.jmh.impl.ClientType;
import dev.holdfast.jmh.impl.LoadConnection;
import dev.holdfast.jmh.impl.Target;
import dev.holdfast.testkit.DiscardingBroker;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;

/** A consumer of prepared deliveries: counted from the end of the warm-up to the last that came in time. */
final class ConsumeLoad {
    /** More than anybody takes in the time there is. */
    private static final long MESSAGES = 1_000_000_000L;

    private static final int CHECKED = 1024;

    private final CompletableFuture<Figures> figures = new CompletableFuture<>();
    private final long warmUpNanos;
    private final long nanos;
    private final long began = System.nanoTime();
    private long count;
    private long countBefore;
    private Costs before = Costs.now();
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

    /** Called by the client for every message, one after the other. */
    private void delivered() {
        if (++count % CHECKED != 0) {
            return;
        }
        long elapsed = System.nanoTime() - began;
        if (!warm && elapsed >= warmUpNanos) {
            warm = true;
            countBefore = count;
            before = Costs.now();
        } else if (warm && elapsed >= nanos && !figures.isDone()) {
            boolean unused =
                    figures.complete(before.until(Costs.now(), 0, count - countBefore, new Histogram(1000, 3)));
        }
    }
}
