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
 * Publishing for {@code holdfast.soak.minutes}, 0.2 unless told otherwise, with a fault of the network every second: what the
 * process holds at the end is what it held after the first quarter.
 *
 * <p>The bounds: connections are never closed but by faults, so that what a lost link leaves behind would add up, one fault
 * after the other. A quarter of the run has met every kind of fault many times: what pools, caches and threads keep for reuse
 * is there by then. A leak of one buffer a fault would be 4 KiB times the faults of three quarters, 5 MiB in half an hour;
 * of one thread, descriptor or link as many of these as there were faults. The bounds allow what moves without growing: one
 * chunk of each allocator that may just be in use, the sockets of links that end, and the collector's grain.
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
    /** Published at a stretch, before a pause of 10 ms. */
    private static final int BURST = 100;

    private static final Queue QUEUE = Queue.of("soak");

    /** What the process holds. */
    private record Held(long heap, long direct, int threads, long descriptors) {
        static Held now() {
            WeakReference<Object> lost = new WeakReference<>(new Object());
            while (lost.get() != null) {
                System.gc();
            }
            UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return new Held(
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

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong confirmed = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong done = new AtomicLong();

    @Test
    void nothingGrows() throws Exception {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        long length = (long) (MINUTES * TimeUnit.MINUTES.toNanos(1));
        long start = System.nanoTime();
        Held early = null;
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
            while (System.nanoTime() - start < length) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                fault(proxy, random);
                faults++;
                if (early == null && System.nanoTime() - start > length / 4) {
                    early = settled(proxy);
                }
            }
            Held late = settled(proxy);
            over.set(true);
            for (Thread publisher : publishers) {
                publisher.join(TimeUnit.SECONDS.toMillis(60));
                assertThat(publisher.isAlive()).isFalse();
            }
            connections.forEach(each -> each.close(Duration.ofSeconds(30)));
            System.out.printf(
                    "SoakIT: %.1f min, seed %d, %d faults, %d published, %d confirmed, %d failed%n  after a quarter: %s%n"
                            + "  at the end:      %s%n",
                    MINUTES, seed, faults, published.get(), confirmed.get(), failed.get(), early, late);
            assertThat(done).as("publishes with an outcome").hasValue(published.get());
            assertThat(confirmed.get()).isPositive();
            assertThat(late.heap()).as("heap").isLessThan(early.heap() + HEAP_SLACK);
            assertThat(late.direct()).as("direct").isLessThan(early.direct() + DIRECT_SLACK);
            assertThat(late.threads()).as("threads").isLessThan(early.threads() + THREAD_SLACK);
            assertThat(late.descriptors()).as("descriptors").isLessThan(early.descriptors() + DESCRIPTOR_SLACK);
        }
    }

    /** Every third message with retry; a thread waits where too many have no outcome. */
    private void publish(Producer producer) {
        PublishOptions once = PublishOptions.to("", QUEUE.name())
                .declare(QUEUE)
                .timeout(Duration.ofSeconds(20))
                .confirmTimeout(Duration.ofSeconds(10));
        PublishOptions again = once.retry();
        byte[] body = new byte[500];
        for (int i = 0; !over.get(); i++) {
            while (published.get() - done.get() > IN_FLIGHT && !over.get()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            if (i % BURST == 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            published.incrementAndGet();
            CompletableFuture<Confirmation> unused = producer.publishAsync(body, i % 3 == 0 ? again : once)
                    .whenComplete((confirmation, error) -> {
                        (error == null ? confirmed : failed).incrementAndGet();
                        done.incrementAndGet();
                    });
        }
    }

    private static void fault(FaultProxy proxy, Random random) {
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

    /** Measured while all is well: the connections stand, and links that ended are gone. */
    private static Held settled(FaultProxy proxy) throws Exception {
        Await.until("the connections are back", () -> proxy.currentConnections() >= CONNECTIONS);
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
        return Held.now();
    }
}
