package dev.holdfast.jmh.floor;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.jmh.floor.Floor.Reached;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import dev.holdfast.testkit.FaultProxy;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A peer that stops reading, and a publisher that goes on: what it holds stays under the bound that was configured. */
final class StalledRow {
    private static final long BOUND = 64L << 20;
    /** What the log keeps for the next messages, and the transport's own queue. */
    private static final long SLACK = 16L << 20;
    /** Futures, ring and whatever else stands for the messages that fill the bound. */
    private static final long HEAP = 64L << 20;

    private static final int WINDOW = 1 << 20;

    private final Duration time;

    StalledRow(boolean quick) {
        this.time = quick ? Duration.ofSeconds(3) : Duration.ofMinutes(1);
    }

    List<Reached> measure() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_READ);
                FaultProxy proxy = FaultProxy.to(broker.port());
                Connection connection = Connection.open(ConnectionOptions.parse(proxy.uri(broker.uri()))
                        .heartbeat(Duration.ZERO)
                        .maxUnconfirmed(WINDOW)
                        .maxUnconfirmedBytes(BOUND))) {
            long heapBefore = usedHeap();
            proxy.stall(FaultProxy.Direction.TO_BROKER);
            Producer producer = connection.producer();
            Thread publisher = new Thread(() -> publish(producer), "publish");
            publisher.setDaemon(true);
            publisher.start();
            long end = System.nanoTime() + time.toNanos();
            long direct = 0;
            long heap = 0;
            while (System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(250);
                direct = Math.max(direct, usedDirect());
                heap = Math.max(heap, usedHeap() - heapBefore);
            }
            publisher.interrupt();
            publisher.join();
            String figure = String.format("direct %d MiB, heap %d MiB more", direct >> 20, heap >> 20);
            boolean held = direct <= BOUND + SLACK && heap <= HEAP;
            return List.of(new Reached(
                    "a peer that reads nothing for " + time.toSeconds() + " s, bound 64 MiB",
                    "direct <= 80 MiB, heap <= 64 MiB more",
                    figure,
                    held));
        }
    }

    private static void publish(Producer producer) {
        PublishOptions options = PublishOptions.to("benchmark", "key");
        byte[] body = new byte[100];
        while (!Thread.currentThread().isInterrupted()) {
            var unused = producer.publishAsync(body, options);
        }
    }

    /** The outbound log's and the channel's. */
    private static long usedDirect() {
        return UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    /** What lives: garbage is collected first. */
    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
