package dev.holdfast.cli;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.measure.Cost;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Fills a queue of its own, then measures how fast it is emptied. One thread runs it. */
final class PerfConsumption {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private final Streams streams;
    private final PerfLoad.Plan plan;
    private final Queue queue = Queue.of("holdfast.perf." + UUID.randomUUID());

    PerfConsumption(Streams streams, PerfLoad.Plan plan) {
        this.streams = streams;
        this.plan = plan;
    }

    /** Runs; the queue is gone afterwards. */
    PerfResult run(PerfPeer.Running peer) throws IOException, InterruptedException {
        try (PerfConnections connections = new PerfConnections(plan.apply(peer.options()), plan.connections());
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
        byte[][] bodies = PerfRun.bodies(plan.size());
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

    private PerfResult empty(PerfConnections connections) throws InterruptedException {
        PerfTaken taken = new PerfTaken(plan.warmup(), plan.messages(), Thread.currentThread());
        int batch = Math.max(1, plan.window() / 4);
        for (int i = 0; i < plan.threads(); i++) {
            Channel channel = connections.of(i).channel();
            PerfConsumer consumer = new PerfConsumer(channel, taken, batch);
            channel.consume(queue.name(), ConsumeOptions.defaults().prefetch(plan.window()), consumer);
        }
        PerfTimeline timeline = new PerfTimeline(new PerfSampler());
        follow(taken, timeline);
        Cost cost = taken.cost();
        return new PerfResult(
                plan.messages(), plan.messages(), taken.seconds(), cost, 1, timeline.histogram(), timeline.intervals());
    }

    private void follow(PerfTaken taken, PerfTimeline timeline) throws InterruptedException {
        long newest = 0;
        long since = System.nanoTime();
        boolean over = false;
        try (PerfWatch watch = new PerfWatch(streams, "consume", plan.messages())) {
            while (!over) {
                over = taken.await(PerfRun.TICK);
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
