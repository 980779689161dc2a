package dev.holdfast.jmh;

import dev.holdfast.jmh.impl.ClientType;
import dev.holdfast.jmh.impl.ConfirmedPublisher;
import dev.holdfast.measure.Cost;
import dev.holdfast.measure.CostMeter;

/** One client, one connection, one publishing thread: warm-up, then what a message costs from first publish to last confirm. */
final class Measurement {
    private Measurement() {}

    static Sample run(String uri, ClientType client, Options options) throws Exception {
        byte[][] bodies = BenchmarkSettings.payloads(options.size());
        long messages = client.name().startsWith("AMQP_CLIENT") ? options.messages() / 10 : options.messages();
        try (ConfirmedPublisher publisher = client.open(uri, options.window())) {
            publish(publisher, bodies, messages / 2);
            CostMeter meter = new CostMeter();
            long began = System.nanoTime();
            publish(publisher, bodies, messages);
            long nanos = System.nanoTime() - began;
            // The connection is still open, so its threads are all alive.
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
