package dev.holdfast.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CostMeterTest {
    private static final int BYTES = 50_000_000;

    /** Holds the allocation, so that the compiler cannot remove it. */
    private volatile byte[] allocation = new byte[0];

    @Test
    void countsAnEndedThreadThatWasObserved() throws InterruptedException {
        CostMeter meter = new CostMeter(Thread.currentThread());
        CountDownLatch allocated = new CountDownLatch(1);
        CountDownLatch observed = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            allocation = new byte[BYTES];
            allocated.countDown();
            awaitQuietly(observed);
        });
        thread.start();
        allocated.await();
        meter.observe();
        observed.countDown();
        thread.join();
        assertThat(meter.read().heapBytes()).isGreaterThanOrEqualTo(BYTES);
        assertThat(allocation).hasSize(BYTES);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void doesNotCountExcludedThreads() {
        CostMeter everything = new CostMeter();
        CostMeter others = new CostMeter(Thread.currentThread());
        allocation = new byte[BYTES];
        assertThat(others.read().heapBytes()).isLessThan(BYTES);
        assertThat(everything.read().heapBytes()).isGreaterThanOrEqualTo(BYTES);
    }

    @Test
    void measuresProcessorTimeOfProcessAndThreads() {
        CostMeter meter = new CostMeter();
        Cost cost = meter.read();
        while (cost.threadNanos() == 0 || cost.cpuNanos() == 0) {
            cost = meter.read();
        }
        assertThat(cost.threadNanos()).isPositive();
        assertThat(cost.minusHeap(10).heapBytes()).isEqualTo(cost.heapBytes() - 10);
    }
}
