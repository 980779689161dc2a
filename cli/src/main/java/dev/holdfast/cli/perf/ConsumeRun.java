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

/** Fills a queue of its own, then measures how fast it is emptied. One thread runs it. */
final class ConsumeRun {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private final Streams streams;
    private final LoadOptions.Plan plan;
    private final Queue queue = Queue.of("holdfast.perf." + UUID.randomUUID());

    ConsumeRun(Streams streams, LoadOptions.Plan plan) {
        this.streams = streams;
        this.plan = plan;
    }

    /** Runs; the queue is gone afterwards. */
    PerfResult run(PeerOptions.Running peer) throws IOException, InterruptedException {
        try (ConnectionGroup connections = new ConnectionGroup(plan.apply(peer.options()), plan.connections());
                Channel channel = connections.of(0).channel()) {
            channel.declare(queue);
            try {
                fill(connections.of(0), channel);
                return empty(connections);
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
                progress.at(i + 1);
            }
            newest.join();
        }
        long there = channel.inspect(queue.name()).messageCount();
        if (there != messages) {
            throw new IOException("messages in the queue: " + there + " (expected: " + messages + ")");
        }
    }

    private PerfResult empty(ConnectionGroup connections) throws InterruptedException {
        DeliveryCounter taken = new DeliveryCounter(plan.warmup(), plan.messages(), Thread.currentThread());
        int batch = Math.max(1, plan.window() / 4);
        for (int i = 0; i < plan.threads(); i++) {
            Channel channel = connections.of(i).channel();
            CountingConsumer consumer = new CountingConsumer(channel, taken, batch);
            channel.consume(queue.name(), ConsumeOptions.defaults().prefetch(plan.window()), consumer);
        }
        Timeline timeline = new Timeline(new LatencySampler());
        follow(taken, timeline);
        Cost cost = taken.cost();
        return new PerfResult(
                plan.messages(), plan.messages(), taken.seconds(), cost, 1, timeline.histogram(), timeline.intervals());
    }

    private void follow(DeliveryCounter taken, Timeline timeline) throws InterruptedException {
        long newest = 0;
        long since = System.nanoTime();
        boolean over = false;
        try (RunProgress watch = new RunProgress(streams, "consume", plan.messages())) {
            while (!over) {
                over = taken.await(PublishRun.TICK);
                long count = taken.count();
                watch.at(taken.measured());
                if (timeline.at(taken.seconds(), taken.measured(), over)) {
                    watch.second(timeline.newest());
                }
                if (count != newest) {
                    newest = count;
                    since = System.nanoTime();
                } else if (System.nanoTime() - since > PATIENCE) {
                    throw new IllegalStateException(
                            "consumed: " + count + ", then nothing for 30 s (expected: " + plan.messages() + ")");
                }
            }
        }
    }
}
