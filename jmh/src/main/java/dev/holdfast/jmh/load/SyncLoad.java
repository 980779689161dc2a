package dev.holdfast.jmh.load;

import dev.holdfast.jmh.BenchmarkSettings;
import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.jmh.adapter.ConfirmedPublisher;
import dev.holdfast.jmh.adapter.LoadConnection;
import dev.holdfast.jmh.adapter.Target;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Publishes messages one by one, each confirmed before the next. */
final class SyncLoad implements AutoCloseable {
    private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final byte[][] bodies;
    private final long pauseMillis;
    private final LoadConnection connection;
    private final ConfirmedPublisher publisher;
    private final Histogram latencies = new Histogram(MAX_LATENCY_NANOS, 3);
    private long sent;

    SyncLoad(ClientType client, String uri, int size, long pauseMillis) throws Exception {
        this.bodies = BenchmarkSettings.payloads(size);
        this.pauseMillis = pauseMillis;
        this.connection = client.connect(new Target(uri, Target.SYNCHRONOUS, true, 1));
        this.publisher = connection.publisher();
    }

    Figures run(double warmUp, double seconds) throws Exception {
        publish(warmUp);
        reset();
        CostSnapshot before = CostSnapshot.now();
        long messages = publish(seconds);
        return before.until(CostSnapshot.now(), sent, messages, latencies);
    }

    /** Publishes for this time, and returns the number of messages. */
    long publish(double seconds) throws Exception {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        long messages = 0;
        long now = System.nanoTime();
        while (now < end) {
            if (pauseMillis > 0) {
                TimeUnit.MILLISECONDS.sleep(pauseMillis);
                now = System.nanoTime();
            }
            publisher.publishAndWait(bodies[(int) messages & bodies.length - 1]);
            long after = System.nanoTime();
            latencies.recordValue(Math.min(MAX_LATENCY_NANOS, after - now));
            now = after;
            messages++;
        }
        sent += messages;
        return messages;
    }

    void reset() {
        latencies.reset();
    }

    long sent() {
        return sent;
    }

    Histogram latencies() {
        return latencies;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
