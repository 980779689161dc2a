package dev.holdfast.jmh;

import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.jmh.adapter.ConfirmedPublisher;
import dev.holdfast.measure.Cost;
import dev.holdfast.measure.CostMeter;

/** Measures one client on one connection and one thread: a warm-up, then from the first publish to the last confirm. */
final class ThroughputMeasurement {
    private ThroughputMeasurement() {}

    static Sample run(String uri, ClientType client, ThroughputOptions options) throws Exception {
        byte[][] bodies = BenchmarkSettings.payloads(options.size());
        long messages = client.name().startsWith("AMQP_CLIENT") ? options.messages() / 10 : options.messages();
        try (ConfirmedPublisher publisher = client.open(uri, options.window())) {
            publish(publisher, bodies, messages / 2);
            CostMeter meter = new CostMeter();
            long start = System.nanoTime();
            publish(publisher, bodies, messages);
            long nanos = System.nanoTime() - start;
            // Read before the connection is closed: the CPU time of ended threads is not counted.
            Cost cost = meter.read();
            return new Sample(
                    messages / 2 + messages,
                    messages * 1e9 / nanos,
                    cost.cpuNanos() / 1e3 / messages,
                    cost.threadNanos() / 1e3 / messages,
                    (double) cost.heapBytes() / messages);
        }
    }

    private static void publish(ConfirmedPublisher publisher, byte[][] bodies, long messages) throws Exception {
        for (long i = 0; i < messages; i++) {
            publisher.publish(bodies[(int) i & bodies.length - 1]);
        }
        publisher.await();
    }
}
