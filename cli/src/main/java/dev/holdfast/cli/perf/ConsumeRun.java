package dev.holdfast.cli.perf;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.cli.common.Progress;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.measure.Cost;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Measures consuming: fills a temporary queue, then drains it. The calling thread monitors the consumers. */
final class ConsumeRun {
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Streams streams;
    private final LoadPlan plan;
    private final Queue queue = Queue.of("holdfast.perf." + UUID.randomUUID());

    ConsumeRun(Streams streams, LoadPlan plan) {
        this.streams = streams;
        this.plan = plan;
    }

    /** Runs, and deletes the queue afterwards. */
    PerfResult run(Peer peer) throws IOException, InterruptedException {
        try (ConnectionGroup connections = new ConnectionGroup(plan.apply(peer.options()), plan.connections());
                Channel channel = connections.forWorker(0).channel()) {
            channel.declare(queue);
            try {
                fill(connections.forWorker(0), channel);
                return drain(connections);
            } finally {
                channel.deleteQueue(queue.name());
            }
        }
    }

    private void fill(Connection connection, Channel channel) throws IOException {
        byte[][] bodies = PublishRun.bodies(plan.size());
        Producer producer = connection.producer();
        PublishOptions options =
                PublishOptions.defaults().routingKey(queue.name()).mandatory(true);
        long messages = plan.warmup() + plan.messages();
        CompletableFuture<Confirmation> newest = CompletableFuture.completedFuture(Confirmation.ONE);
        try (Progress progress = Progress.messages(streams, "fill", messages)) {
            for (long i = 0; i < messages; i++) {
                newest = producer.publishAsync(bodies[(int) i & bodies.length - 1], options);
                progress.update(i + 1);
            }
            newest.join();
        }
        long queued = channel.inspect(queue.name()).messageCount();
        if (queued != messages) {
            throw new IOException("messages in the queue: " + queued + " (expected: " + messages + ")");
        }
    }

    private PerfResult drain(ConnectionGroup connections) throws InterruptedException {
        DeliveryCounter counter = new DeliveryCounter(plan.warmup(), plan.messages(), Thread.currentThread());
        int batch = Math.max(1, plan.window() / 4);
        for (int i = 0; i < plan.threads(); i++) {
            Channel channel = connections.forWorker(i).channel();
            CountingConsumer consumer = new CountingConsumer(channel, counter, batch);
            channel.consume(queue.name(), ConsumeOptions.defaults().prefetch(plan.window()), consumer);
        }
        Timeline timeline = new Timeline(new LatencySampler());
        monitor(counter, timeline);
        Cost cost = counter.cost();
        return new PerfResult(
                plan.messages(),
                plan.messages(),
                counter.seconds(),
                cost,
                1,
                timeline.histogram(),
                timeline.intervals(),
                timeline.seconds());
    }

    private void monitor(DeliveryCounter counter, Timeline timeline) throws InterruptedException {
        long lastCount = 0;
        long changedNanos = System.nanoTime();
        boolean done = false;
        try (RunProgress progress = new RunProgress(streams, "consume", plan.messages())) {
            while (!done) {
                done = counter.await(PublishRun.MONITOR_INTERVAL);
                long count = counter.count();
                progress.update(counter.measuredCount());
                if (timeline.record(counter.seconds(), counter.measuredCount(), done)) {
                    progress.reportSecond(timeline.latest());
                }
                if (count != lastCount) {
                    lastCount = count;
                    changedNanos = System.nanoTime();
                } else if (System.nanoTime() - changedNanos > IDLE_NANOS) {
                    throw new IllegalStateException(
                            "consumed: " + count + ", no delivery for 30 s (expected: " + plan.messages() + ")");
                }
            }
        }
    }
}
