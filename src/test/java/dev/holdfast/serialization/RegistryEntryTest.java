package dev.holdfast.serialization;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RegistryEntryTest {
    @Test
    void concurrentThreadsCreateTheInstanceOnce() throws Exception {
        int threads = 4;
        CountDownLatch started = new CountDownLatch(threads);
        CountDownLatch creations = new CountDownLatch(2);
        AtomicInteger created = new AtomicInteger();
        RegistryEntry<Object> entry = new RegistryEntry<>("x/y", false, null, () -> {
            created.incrementAndGet();
            creations.countDown();
            boolean second = await(creations, 300);
            return second ? "twice" : "once";
        });
        List<CompletableFuture<Object>> results = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            results.add(CompletableFuture.supplyAsync(
                    () -> {
                        started.countDown();
                        assertThat(await(started, 10_000)).isTrue();
                        return entry.get();
                    },
                    task -> new Thread(task).start()));
        }
        for (CompletableFuture<Object> result : results) {
            assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo("once");
        }
        assertThat(created).hasValue(1);
    }

    private static boolean await(CountDownLatch latch, long millis) {
        try {
            return latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
