package dev.holdfast.cli;

import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.PublishOptions;
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
final class PerfRun {
    static final Duration TICK = Duration.ofMillis(100);

    private static final int BODIES = 16;
    private static final long SEED = 20260101;

    /** Messages a second where nothing was measured yet. */
    private static final long UNKNOWN_RATE = 1_000_000;

    private final Streams streams;
    private final PerfLoad.Plan plan;
    private final PublishOptions options;
    private final PerfSampler sampler = new PerfSampler();
    private final List<PerfPublisher> publishers = new ArrayList<>();
    private long sentBefore;

    PerfRun(Streams streams, PerfLoad.Plan plan, PublishOptions options) {
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
    PerfResult run(PerfPeer.Running peer) throws IOException, InterruptedException {
        long arrivedBefore = peer.arrived();
        PerfResult result;
        try (PerfConnections connections = new PerfConnections(plan.apply(peer.options()), plan.connections())) {
            byte[][] bodies = bodies(plan.size());
            // What is wrong with the target is told at once, by the first message of each connection.
            for (Connection connection : connections.all()) {
                Confirmation unused = connection.producer().publish(bodies[0], options);
            }
            sentBefore = plan.connections();
            Executor starter = PerfThreads.starter(plan.virtualThreads());
            for (int i = 0; i < plan.threads(); i++) {
                PerfPublisher publisher =
                        new PerfPublisher(i, connections.of(i).producer(), options, bodies, plan.window(), sampler);
                publishers.add(publisher);
                starter.execute(publisher);
            }
            try {
                result = measure(warmUp());
            } finally {
                publishers.forEach(PerfPublisher::end);
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
        int every = PerfSampler.every(guess);
        if (plan.warmup() == 0) {
            return every;
        }
        PerfPhase phase = new PerfPhase(plan.warmup(), plan.rate(), plan.threads(), every);
        PerfTimeline timeline = new PerfTimeline(sampler);
        try (PerfWatch watch = new PerfWatch(streams, "warm-up", plan.warmup())) {
            publishers.forEach(publisher -> publisher.begin(phase));
            follow(phase, null, timeline, watch);
        }
        sentBefore += sent();
        return PerfSampler.every(plan.rate() > 0 ? plan.rate() : sent() / phase.seconds());
    }

    private PerfResult measure(int every) throws InterruptedException {
        double bytesPerSample = PerfSampler.bytesPerSample();
        PerfTimeline timeline = new PerfTimeline(sampler);
        try (PerfWatch watch = new PerfWatch(streams, "measure", plan.messages())) {
            CostMeter meter = new CostMeter(Thread.currentThread());
            PerfPhase phase = new PerfPhase(plan.messages(), plan.rate(), plan.threads(), every);
            publishers.forEach(publisher -> publisher.begin(phase));
            follow(phase, plan.seconds(), timeline, watch);
            Cost cost = meter.read();
            long samples = timeline.histogram().getTotalCount();
            return new PerfResult(
                    sent(),
                    plan.confirms() ? phase.confirmed() : 0,
                    phase.seconds(),
                    cost.minusHeap((long) (samples * bytesPerSample)),
                    every,
                    timeline.histogram(),
                    timeline.intervals());
        }
    }

    /** Watches a phase to its end, which comes by itself or with its time; throws what made a message fail. */
    private void follow(PerfPhase phase, @Nullable Duration most, PerfTimeline timeline, PerfWatch watch)
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
        return publishers.stream().mapToLong(PerfPublisher::sent).sum();
    }
}
