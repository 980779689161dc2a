package dev.holdfast.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CostMeterTest {
    private static final int BYTES = 50_000_000;

    /** Where what it allocates goes, so that it cannot be optimised away. */
    private volatile byte[] kept = new byte[0];

    @Test
    void countsAThreadThatHasEndedAndWasSeen() throws InterruptedException {
        CostMeter meter = new CostMeter(Thread.currentThread());
        CountDownLatch allocated = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            kept = new byte[BYTES];
            allocated.countDown();
            awaitQuietly(seen);
        });
        thread.start();
        allocated.await();
        meter.observe();
        seen.countDown();
        thread.join();
        assertThat(meter.read().heapBytes()).isGreaterThanOrEqualTo(BYTES);
        assertThat(kept).hasSize(BYTES);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void leavesOutTheThreadsThatDoNotCount() {
        CostMeter everything = new CostMeter();
        CostMeter others = new CostMeter(Thread.currentThread());
        kept = new byte[BYTES];
        assertThat(others.read().heapBytes()).isLessThan(BYTES);
        assertThat(everything.read().heapBytes()).isGreaterThanOrEqualTo(BYTES);
    }

    @Test
    void countsProcessorTimeOfProcessAndThreads() {
        CostMeter meter = new CostMeter();
        Cost cost = meter.read();
        while (cost.threadNanos() == 0 || cost.cpuNanos() == 0) {
            cost = meter.read();
        }
        assertThat(cost.threadNanos()).isPositive();
        assertThat(cost.lessHeap(10).heapBytes()).isEqualTo(cost.heapBytes() - 10);
    }
}
