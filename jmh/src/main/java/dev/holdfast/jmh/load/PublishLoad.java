package dev.holdfast.jmh.load;

import dev.holdfast.jmh.BenchmarkSettings;
import dev.holdfast.jmh.adapter.ConfirmedPublisher;
import dev.holdfast.jmh.adapter.LoadConnection;
import dev.holdfast.jmh.adapter.Target;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Publishes from one or more threads on one connection as fast as the window permits: a warm-up, then the
 * measurement.
 */
final class PublishLoad {
    /** The latency of one in 64 messages is measured: reading the clock for each would cost more than a publish. */
    private static final int SAMPLE_INTERVAL = 64;

    private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Scenario scenario;
    private final byte[][] bodies;
    private final Histogram latencies = new ConcurrentHistogram(MAX_LATENCY_NANOS, 3);
    private volatile boolean stopped;

    PublishLoad(Scenario scenario) {
        this.scenario = scenario;
        this.bodies = BenchmarkSettings.payloads(scenario.size());
    }

    Figures run(String uri, double warmUp, double seconds) throws Exception {
        boolean confirms = scenario.task() != Task.UNCONFIRMED;
        Target target = new Target(uri, scenario.window(), confirms, scenario.threads());
        try (LoadConnection connection = scenario.client().connect(target)) {
            List<ConfirmedPublisher> publishers = new ArrayList<>();
            for (int i = 0; i < scenario.threads(); i++) {
                publishers.add(
                        scenario.task() == Task.JSON ? connection.jsonPublisher(JsonBody.MAP) : connection.publisher());
            }
            // Two phases: after the end of the first, the JIT compiles everything again, which is not a cost of a
            // message.
            long sent = phase(connection, publishers, warmUp / 2, () -> {});
            sent += phase(connection, publishers, warmUp / 2, () -> {});
            latencies.reset();
            CostSnapshot[] costs = {CostSnapshot.now(), CostSnapshot.now()};
            long messages = phase(connection, publishers, seconds, () -> costs[1] = CostSnapshot.now());
            return costs[0].until(costs[1], sent + messages, messages, latencies);
        }
    }

    /** Publishes for this time. The threads end after {@code end} has run, so that it can read their CPU time. */
    private long phase(LoadConnection connection, List<ConfirmedPublisher> publishers, double seconds, Runnable end)
            throws Exception {
        stopped = false;
        CountDownLatch published = new CountDownLatch(publishers.size());
        CountDownLatch ended = new CountDownLatch(1);
        List<FutureTask<Long>> tasks = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (ConfirmedPublisher publisher : publishers) {
            FutureTask<Long> task = new FutureTask<>(() -> publishUntilStopped(publisher, published, ended));
            tasks.add(task);
            threads.add(start(task));
        }
        TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
        stopped = true;
        published.await();
        if (scenario.task() == Task.UNCONFIRMED) {
            connection.settle();
        }
        end.run();
        ended.countDown();
        long messages = 0;
        for (FutureTask<Long> task : tasks) {
            messages += task.get();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return messages;
    }

    private long publishUntilStopped(ConfirmedPublisher publisher, CountDownLatch published, CountDownLatch ended)
            throws Exception {
        long messages = 0;
        try {
            while (!stopped) {
                byte[] body = bodies[(int) messages & bodies.length - 1];
                if (messages++ % SAMPLE_INTERVAL == 0) {
                    publishTimed(publisher, body);
                } else {
                    CompletableFuture<?> unused = publisher.publish(body);
                }
            }
            publisher.await();
        } finally {
            published.countDown();
            ended.await();
        }
        return messages;
    }

    private void publishTimed(ConfirmedPublisher publisher, byte[] body) throws Exception {
        long start = System.nanoTime();
        CompletableFuture<?> confirm = publisher.publish(body);
        if (confirm != null) {
            CompletableFuture<?> unused = confirm.thenRun(
                    () -> latencies.recordValue(Math.min(MAX_LATENCY_NANOS, System.nanoTime() - start)));
        }
    }

    private Thread start(Runnable task) throws ReflectiveOperationException {
        if (!scenario.virtual()) {
            Thread thread = new Thread(task, "publish");
            thread.start();
            return thread;
        }
        try {
            return (Thread)
                    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("virtual threads: none (expected: JDK 21 or later, see --java)", e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("a virtual thread did not start", e);
        }
    }
}
