package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.DirectMemory;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.FaultProxy.Direction;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Publishes for {@code holdfast.soak.minutes}, 0.2 by default, with a network fault every second. At the end the
 * process uses as much memory and as many threads and descriptors as after the first quarter.
 *
 * <p>The bounds: only faults close connections, so leaks of lost links add up. In the first quarter every kind of
 * fault occurs many times, so pools, caches and threads for reuse exist by then. A leak of one buffer a fault is 4
 * KiB times the faults of three quarters, 5 MiB in half an hour; a leak of a thread, descriptor or link is one of
 * these a fault. The bounds allow fluctuation: one chunk of each allocator, the sockets of links that end, and the
 * granularity of the garbage collector.
 */
@Tag("load")
@Timeout(7200)
class SoakIT {
    private static final double MINUTES = Double.parseDouble(System.getProperty("holdfast.soak.minutes", "0.2"));
    private static final long HEAP_SLACK = 8 << 20;
    private static final long DIRECT_SLACK = 8 << 20;
    private static final int THREAD_SLACK = 8;
    private static final int DESCRIPTOR_SLACK = 16;
    private static final int CONNECTIONS = 2;
    private static final int IN_FLIGHT = 2000;
    /** Messages between two pauses of 10 ms. */
    private static final int BURST = 100;

    private static final Queue QUEUE = Queue.of("soak");

    /** What the process uses. */
    private record Usage(long heap, long direct, int threads, long descriptors) {
        static Usage measure() {
            WeakReference<Object> unreachable = new WeakReference<>(new Object());
            while (unreachable.get() != null) {
                System.gc();
            }
            UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return new Usage(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    DirectMemory.used(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    system.getOpenFileDescriptorCount());
        }

        @Override
        public String toString() {
            return "heap %.1f MiB, direct %.1f MiB, %d threads, %d descriptors"
                    .formatted(heap / 1048576.0, direct / 1048576.0, threads, descriptors);
        }
    }

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong confirmed = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong completed = new AtomicLong();

    @Test
    void resourceUsageDoesNotGrow() throws Exception {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        long durationNanos = (long) (MINUTES * TimeUnit.MINUTES.toNanos(1));
        long start = System.nanoTime();
        Usage early = null;
        List<Connection> connections = new ArrayList<>();
        List<Thread> publishers = new ArrayList<>();
        try (DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_READ);
                FaultProxy proxy = FaultProxy.to(broker.port())) {
            ConnectionOptions options = ConnectionOptions.parse(proxy.uri(broker.uri()))
                    .reconnectBackoff(Duration.ofMillis(5), Duration.ofMillis(100))
                    .closeTimeout(Duration.ofSeconds(2))
                    .heartbeat(Duration.ofSeconds(5));
            for (int i = 0; i < CONNECTIONS; i++) {
                Connection connection = Connection.open(options);
                connections.add(connection);
                Thread publisher = new Thread(() -> publish(connection.producer()), "soak-" + i);
                publisher.start();
                publishers.add(publisher);
            }
            Random random = new Random(seed);
            int faults = 0;
            while (System.nanoTime() - start < durationNanos) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                injectFault(proxy, random);
                faults++;
                if (early == null && System.nanoTime() - start > durationNanos / 4) {
                    early = settledUsage(proxy);
                }
            }
            Usage late = settledUsage(proxy);
            stopped.set(true);
            for (Thread publisher : publishers) {
                publisher.join(TimeUnit.SECONDS.toMillis(60));
                assertThat(publisher.isAlive()).isFalse();
            }
            connections.forEach(connection -> connection.close(Duration.ofSeconds(30)));
            System.out.printf(
                    "SoakIT: %.1f min, seed %d, %d faults, %d published, %d confirmed, %d failed%n"
                            + "  after a quarter: %s%n  at the end:      %s%n",
                    MINUTES, seed, faults, published.get(), confirmed.get(), failed.get(), early, late);
            assertThat(completed).as("publishes with an outcome").hasValue(published.get());
            assertThat(confirmed.get()).isPositive();
            assertThat(late.heap()).as("heap").isLessThan(early.heap() + HEAP_SLACK);
            assertThat(late.direct()).as("direct").isLessThan(early.direct() + DIRECT_SLACK);
            assertThat(late.threads()).as("threads").isLessThan(early.threads() + THREAD_SLACK);
            assertThat(late.descriptors()).as("descriptors").isLessThan(early.descriptors() + DESCRIPTOR_SLACK);
        }
    }

    /** Publishes until the end, every third message with retry; waits while too many publishes have no outcome. */
    private void publish(Producer producer) {
        PublishOptions withoutRetry = PublishOptions.to("", QUEUE.name())
                .declare(QUEUE)
                .timeout(Duration.ofSeconds(20))
                .confirmTimeout(Duration.ofSeconds(10));
        PublishOptions withRetry = withoutRetry.retry();
        byte[] body = new byte[500];
        for (int i = 0; !stopped.get(); i++) {
            while (published.get() - completed.get() > IN_FLIGHT && !stopped.get()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            if (i % BURST == 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            published.incrementAndGet();
            CompletableFuture<Confirmation> unused = producer.publishAsync(body, i % 3 == 0 ? withRetry : withoutRetry)
                    .whenComplete((confirmation, error) -> {
                        (error == null ? confirmed : failed).incrementAndGet();
                        completed.incrementAndGet();
                    });
        }
    }

    private static void injectFault(FaultProxy proxy, Random random) {
        Direction direction = random.nextBoolean() ? Direction.TO_BROKER : Direction.TO_CLIENT;
        switch (random.nextInt(7)) {
            case 0 -> proxy.cutNow();
            case 1 -> proxy.resetNow();
            case 2 -> proxy.halfClose(direction);
            case 3 -> {
                proxy.corrupt(direction, random.nextInt(3000), 1 + random.nextInt(255));
                proxy.cutNow();
            }
            case 4 -> {
                proxy.cutAfter(direction, random.nextInt(3000));
                proxy.cutNow();
            }
            case 5 -> {
                proxy.stall(direction);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
                proxy.resume(direction);
            }
            default -> {
                proxy.refuse(true);
                proxy.cutNow();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
                proxy.refuse(false);
            }
        }
    }

    /** Measures when the connections are open and the sockets of earlier links are closed. */
    private static Usage settledUsage(FaultProxy proxy) throws Exception {
        Await.until("all connections are open", () -> proxy.currentConnections() >= CONNECTIONS);
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
        return Usage.measure();
    }
}
