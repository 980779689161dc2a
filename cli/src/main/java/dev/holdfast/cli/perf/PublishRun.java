package dev.holdfast.cli.perf;

import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.PublishOptions;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.measure.Cost;
import dev.holdfast.measure.CostMeter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Publishes, first to warm up and then to measure. One thread runs it; it sends nothing itself and watches the others. */
final class PublishRun {
    static final Duration TICK = Duration.ofMillis(100);

    private static final int BODIES = 16;
    private static final long SEED = 20260101;

    /** Messages a second where nothing was measured yet. */
    private static final long UNKNOWN_RATE = 1_000_000;

    private final Streams streams;
    private final LoadOptions.Plan plan;
    private final PublishOptions options;
    private final LatencySampler sampler = new LatencySampler();
    private final List<PublishWorker> publishers = new ArrayList<>();
    private long sentBefore;

    PublishRun(Streams streams, LoadOptions.Plan plan, PublishOptions options) {
        this.streams = streams;
        this.plan = plan;
        this.options = options;
    }

    /** Bodies whose content is different and the same in every run. */
    static byte[][] bodies(int size) {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[][] bodies = new byte[BODIES][size];
        for (byte[] body : bodies) {
            random.nextBytes(body);
        }
        return bodies;
    }

    /**
     * Runs.
     *
     * @throws IOException if not everything has arrived that a peer that counts was sent
     */
    PerfResult run(PeerOptions.Running peer) throws IOException, InterruptedException {
        long arrivedBefore = peer.arrived();
        PerfResult result;
        try (ConnectionGroup connections = new ConnectionGroup(plan.apply(peer.options()), plan.connections())) {
            byte[][] bodies = bodies(plan.size());
            // What is wrong with the target is told at once, by the first message of each connection.
            for (Connection connection : connections.all()) {
                Confirmation unused = connection.producer().publish(bodies[0], options);
            }
            sentBefore = plan.connections();
            Executor starter = PublishThreads.starter(plan.virtualThreads());
            for (int i = 0; i < plan.threads(); i++) {
                PublishWorker publisher =
                        new PublishWorker(i, connections.of(i).producer(), options, bodies, plan.window(), sampler);
                publishers.add(publisher);
                starter.execute(publisher);
            }
            try {
                result = measure(warmUp());
            } finally {
                publishers.forEach(PublishWorker::end);
            }
        }
        long arrived = peer.arrived() - arrivedBefore;
        if (peer.arrived() >= 0 && arrived != sentBefore + result.messages()) {
            throw new IOException("arrived: " + arrived + " (expected: " + (sentBefore + result.messages()) + ")");
        }
        return result;
    }

    /** Returns every how many messages one is sampled. */
    private int warmUp() throws InterruptedException {
        double guess = plan.rate() > 0 ? plan.rate() : Math.min(UNKNOWN_RATE, plan.messages());
        int every = LatencySampler.every(guess);
        if (plan.warmup() == 0) {
            return every;
        }
        PublishPhase phase = new PublishPhase(plan.warmup(), plan.rate(), plan.threads(), every);
        Timeline timeline = new Timeline(sampler);
        try (RunProgress watch = new RunProgress(streams, "warm-up", plan.warmup())) {
            publishers.forEach(publisher -> publisher.begin(phase));
            follow(phase, null, timeline, watch);
        }
        sentBefore += sent();
        return LatencySampler.every(plan.rate() > 0 ? plan.rate() : sent() / phase.seconds());
    }

    private PerfResult measure(int every) throws InterruptedException {
        double bytesPerSample = LatencySampler.bytesPerSample();
        Timeline timeline = new Timeline(sampler);
        try (RunProgress watch = new RunProgress(streams, "measure", plan.messages())) {
            CostMeter meter = new CostMeter(Thread.currentThread());
            PublishPhase phase = new PublishPhase(plan.messages(), plan.rate(), plan.threads(), every);
            publishers.forEach(publisher -> publisher.begin(phase));
            follow(phase, plan.seconds(), timeline, watch);
            Cost cost = meter.read();
            long samples = timeline.histogram().getTotalCount();
            return new PerfResult(
                    sent(),
                    plan.confirms() ? phase.confirmed() : 0,
                    phase.seconds(),
                    cost.lessHeap((long) (samples * bytesPerSample)),
                    every,
                    timeline.histogram(),
                    timeline.intervals());
        }
    }

    /** Watches a phase to its end, which comes by itself or with its time; throws what made a message fail. */
    private void follow(PublishPhase phase, @Nullable Duration most, Timeline timeline, RunProgress watch)
            throws InterruptedException {
        long limit = most == null ? Long.MAX_VALUE : most.toNanos();
        boolean over = false;
        while (!over) {
            long rest = limit - (System.nanoTime() - phase.startNanos());
            if (rest <= 0) {
                phase.stop();
            }
            over = phase.await(rest > 0 && rest < TICK.toNanos() ? Duration.ofNanos(rest) : TICK);
            double now = over ? phase.seconds() : (System.nanoTime() - phase.startNanos()) / 1e9;
            long sent = sent();
            watch.at(sent);
            if (timeline.at(now, sent, over)) {
                watch.second(timeline.newest());
            }
        }
        RuntimeException failure = phase.failure();
        if (failure != null) {
            throw failure;
        }
    }

    private long sent() {
        return publishers.stream().mapToLong(PublishWorker::sent).sum();
    }
}
