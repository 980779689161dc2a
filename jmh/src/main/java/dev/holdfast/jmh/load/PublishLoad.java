package dev.holdfast.jmh.load;

import dev.holdfast.jmh.BenchmarkSettings;
import dev.holdfast.jmh.impl.ConfirmedPublisher;
import dev.holdfast.jmh.impl.LoadConnection;
import dev.holdfast.jmh.impl.Target;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Threads that publish on one connection as fast as the window lets them, first to warm up, then to be measured. */
final class PublishLoad {
    /** One latency is taken of so many messages: a clock read for each would be most of what a message costs. */
    private static final int SAMPLED = 64;

    private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Case what;
    private final byte[][] bodies;
    private final Histogram latencies = new ConcurrentHistogram(MAX_LATENCY_NANOS, 3);
    private volatile boolean stopped;

    PublishLoad(Case what) {
        this.what = what;
        this.bodies = BenchmarkSettings.payloads(what.size());
    }

    Figures run(String uri, double warmUp, double seconds) throws Exception {
        boolean confirms = what.task() != Task.UNCONFIRMED;
        Target target = new Target(uri, what.window(), confirms, what.threads());
        try (LoadConnection connection = what.client().connect(target)) {
            List<ConfirmedPublisher> publishers = new ArrayList<>();
            for (int i = 0; i < what.threads(); i++) {
                publishers.add(
                        what.task() == Task.JSON ? connection.jsonPublisher(JsonBody.MAP) : connection.publisher());
            }
            // Twice: the end of the first makes the JIT compile everything anew, which is no cost of a message.
            long sent = phase(connection, publishers, warmUp / 2, () -> {});
            sent += phase(connection, publishers, warmUp / 2, () -> {});
            latencies.reset();
            Costs[] costs = {Costs.now(), Costs.now()};
            long messages = phase(connection, publishers, seconds, () -> costs[1] = Costs.now());
            return costs[0].until(costs[1], sent + messages, messages, latencies);
        }
    }

    /** The threads live until {@code end} has run: what they have spent is counted. */
    private long phase(LoadConnection connection, List<ConfirmedPublisher> publishers, double seconds, Runnable end)
            throws Exception {
        stopped = false;
        CountDownLatch published = new CountDownLatch(publishers.size());
        CountDownLatch over = new CountDownLatch(1);
        List<FutureTask<Long>> all = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (ConfirmedPublisher publisher : publishers) {
            FutureTask<Long> task = new FutureTask<>(() -> publishUntilStopped(publisher, published, over));
            all.add(task);
            threads.add(start(task));
        }
        TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
        stopped = true;
        published.await();
        if (what.task() == Task.UNCONFIRMED) {
            connection.settle();
        }
        end.run();
        over.countDown();
        long messages = 0;
        for (FutureTask<Long> task : all) {
            messages += task.get();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return messages;
    }

    private long publishUntilStopped(ConfirmedPublisher publisher, CountDownLatch published, CountDownLatch over)
            throws Exception {
        long messages = 0;
        try {
            while (!stopped) {
                byte[] body = bodies[(int) messages & bodies.length - 1];
                if (messages++ % SAMPLED == 0) {
                    publishTimed(publisher, body);
                } else {
                    CompletableFuture<?> unused = publisher.publish(body);
                }
            }
            publisher.await();
        } finally {
            published.countDown();
            over.await();
        }
        return messages;
    }

    private void publishTimed(ConfirmedPublisher publisher, byte[] body) throws Exception {
        long began = System.nanoTime();
        CompletableFuture<?> confirm = publisher.publish(body);
        if (confirm != null) {
            CompletableFuture<?> unused = confirm.thenRun(
                    () -> latencies.recordValue(Math.min(MAX_LATENCY_NANOS, System.nanoTime() - began)));
        }
    }

    private Thread start(Runnable task) throws ReflectiveOperationException {
        if (!what.virtual()) {
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
