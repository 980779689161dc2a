package dev.holdfast.jmh.floor;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.jmh.floor.Floor.FloorResult;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import dev.holdfast.testkit.FaultProxy;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Memory of a publisher whose peer stops reading: it must stay under the configured bound. */
final class StalledPeerFloor {
    private static final long BOUND = 64L << 20;
    /** The pool of the outbound log and the queue of the transport. */
    private static final long SLACK = 16L << 20;
    /** Futures, the ring and other objects of the messages that fill the bound. */
    private static final long MAX_HEAP = 64L << 20;

    private static final int WINDOW = 1 << 20;

    private final Duration duration;

    StalledPeerFloor(boolean quick) {
        this.duration = quick ? Duration.ofSeconds(3) : Duration.ofMinutes(1);
    }

    List<FloorResult> measure() throws Exception {
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
            long end = System.nanoTime() + duration.toNanos();
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
            boolean withinBounds = direct <= BOUND + SLACK && heap <= MAX_HEAP;
            return List.of(new FloorResult(
                    "a peer that reads nothing for " + duration.toSeconds() + " s, bound 64 MiB",
                    "direct <= 80 MiB, heap <= 64 MiB more",
                    figure,
                    withinBounds));
        }
    }

    private static void publish(Producer producer) {
        PublishOptions options = PublishOptions.to("benchmark", "key");
        byte[] body = new byte[100];
        while (!Thread.currentThread().isInterrupted()) {
            var unused = producer.publishAsync(body, options);
        }
    }

    /** Direct memory of the outbound log and of the Netty channel. */
    private static long usedDirect() {
        return UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    /** Heap in use after a garbage collection. */
    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
