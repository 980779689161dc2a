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

/**
 * Measures publishing: a warm-up phase, then the measured phase. The calling thread monitors the publishing threads.
 */
final class PublishRun {
    static final Duration MONITOR_INTERVAL = Duration.ofMillis(100);

    private static final int BODY_COUNT = 16;
    private static final long SEED = 20260101;

    /** Messages a second, assumed before the warm-up. */
    private static final long ASSUMED_RATE = 1_000_000;

    private final Streams streams;
    private final LoadPlan plan;
    private final PublishOptions options;
    private final LatencySampler sampler = new LatencySampler();
    private final List<PublishWorker> workers = new ArrayList<>();
    private long sentBeforeMeasurement;

    PublishRun(Streams streams, LoadPlan plan, PublishOptions options) {
        this.streams = streams;
        this.plan = plan;
        this.options = options;
    }

    /** Returns bodies of different random content, the same in every run. */
    static byte[][] bodies(int size) {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[][] bodies = new byte[BODY_COUNT][size];
        for (byte[] body : bodies) {
            random.nextBytes(body);
        }
        return bodies;
    }

    /**
     * Runs both phases.
     *
     * @throws IOException if a peer that counts messages has not received all of them
     */
    PerfResult run(Peer peer) throws IOException, InterruptedException {
        long receivedBefore = peer.messagesReceived();
        PerfResult result;
        try (ConnectionGroup connections = new ConnectionGroup(plan.apply(peer.options()), plan.connections())) {
            byte[][] bodies = bodies(plan.size());
            // One message of each connection reports an invalid target at once.
            for (Connection connection : connections.all()) {
                Confirmation unused = connection.producer().publish(bodies[0], options);
            }
            sentBeforeMeasurement = plan.connections();
            Executor executor = PublishThreads.executor(plan.virtualThreads());
            for (int i = 0; i < plan.threads(); i++) {
                PublishWorker worker = new PublishWorker(
                        i, connections.forWorker(i).producer(), options, bodies, plan.window(), sampler);
                workers.add(worker);
                executor.execute(worker);
            }
            try {
                result = measure(warmUp());
            } finally {
                workers.forEach(PublishWorker::stop);
            }
        }
        long received = peer.messagesReceived() - receivedBefore;
        if (peer.messagesReceived() >= 0 && received != sentBeforeMeasurement + result.messages()) {
            throw new IOException("messages received by the peer: " + received + " (expected: "
                    + (sentBeforeMeasurement + result.messages()) + ")");
        }
        return result;
    }

    /** Runs the warm-up. Returns the sampling interval for the measurement: one message of so many is timed. */
    private int warmUp() throws InterruptedException {
        double expectedRate = plan.rate() > 0 ? plan.rate() : Math.min(ASSUMED_RATE, plan.messages());
        int sampleInterval = LatencySampler.interval(expectedRate);
        if (plan.warmup() == 0) {
            return sampleInterval;
        }
        PublishPhase phase = new PublishPhase(plan.warmup(), plan.rate(), plan.threads(), sampleInterval);
        Timeline timeline = new Timeline(sampler);
        try (RunProgress progress = new RunProgress(streams, "warm-up", plan.warmup())) {
            workers.forEach(worker -> worker.begin(phase));
            monitor(phase, null, timeline, progress);
        }
        sentBeforeMeasurement += sent();
        return LatencySampler.interval(plan.rate() > 0 ? plan.rate() : sent() / phase.seconds());
    }

    private PerfResult measure(int sampleInterval) throws InterruptedException {
        double bytesPerSample = LatencySampler.bytesPerSample();
        Timeline timeline = new Timeline(sampler);
        try (RunProgress progress = new RunProgress(streams, "measure", plan.messages())) {
            CostMeter meter = new CostMeter(Thread.currentThread());
            PublishPhase phase = new PublishPhase(plan.messages(), plan.rate(), plan.threads(), sampleInterval);
            workers.forEach(worker -> worker.begin(phase));
            monitor(phase, plan.seconds(), timeline, progress);
            Cost cost = meter.read();
            long samples = timeline.histogram().getTotalCount();
            return new PerfResult(
                    sent(),
                    plan.confirms() ? phase.confirmed() : 0,
                    phase.seconds(),
                    cost.minusHeap((long) (samples * bytesPerSample)),
                    sampleInterval,
                    timeline.histogram(),
                    timeline.intervals(),
                    timeline.seconds());
        }
    }

    /** Follows a phase until it ends by itself or after the maximum duration. Throws the error of a failed message. */
    private void monitor(PublishPhase phase, @Nullable Duration maxDuration, Timeline timeline, RunProgress progress)
            throws InterruptedException {
        long limit = maxDuration == null ? Long.MAX_VALUE : maxDuration.toNanos();
        boolean done = false;
        while (!done) {
            long remaining = limit - (System.nanoTime() - phase.startNanos());
            if (remaining <= 0) {
                phase.stop();
            }
            done = phase.await(
                    remaining > 0 && remaining < MONITOR_INTERVAL.toNanos()
                            ? Duration.ofNanos(remaining)
                            : MONITOR_INTERVAL);
            double now = done ? phase.seconds() : (System.nanoTime() - phase.startNanos()) / 1e9;
            long sent = sent();
            progress.update(sent);
            if (timeline.record(now, sent, done)) {
                progress.reportSecond(timeline.latest());
            }
        }
        RuntimeException failure = phase.failure();
        if (failure != null) {
            throw failure;
        }
    }

    private long sent() {
        return workers.stream().mapToLong(PublishWorker::sent).sum();
    }
}
