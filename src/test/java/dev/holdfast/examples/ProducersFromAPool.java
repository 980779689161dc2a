package dev.holdfast.examples;

import dev.holdfast.Producer;
import dev.holdfast.Queue;
import dev.holdfast.pool.Lease;
import dev.holdfast.pool.Pools;
import dev.holdfast.pool.ProducerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Shares few connections among many threads: one Pools for the program, one lease for each use, with a limit to the
 * wait.
 */
final class ProducersFromAPool {
    private ProducersFromAPool() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        try (Pools pools = new Pools(4)) {
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                callers.add(CompletableFuture.runAsync(() -> publish(pools, uri)));
            }
            callers.forEach(CompletableFuture::join);
            ProducerPool producers = pools.producers(uri);
            System.out.println("limit " + producers.limit() + ", in use " + producers.inUse());
        }
    }

    private static void publish(Pools pools, String uri) {
        Queue pooled = Queue.of("examples.pooled");
        try (Lease<Producer> lease = pools.producers(uri).acquire(Duration.ofSeconds(30))) {
            lease.value().publish("hello", p -> p.routingKey(pooled.name()).declare(pooled));
        }
    }
}
