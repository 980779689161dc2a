package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.Producer;
import dev.holdfast.Queue;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.RetryPolicy;
import java.time.Duration;

/** Publishes with retries: the first at once, then after 2 s, 4 s and so on up to 30 s, at most 30 retries. */
final class DeclareAndRetry {
    private DeclareAndRetry() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        Queue tasks = Queue.of("examples.tasks");
        RetryPolicy policy = RetryPolicy.linear(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30))
                .maxRetries(30)
                .onRetry((error, delay) -> System.out.println("retry in " + delay + ": " + error.getMessage()));
        try (Connection connection = Connection.lazy(uri)) {
            Producer producer = connection.producer(
                    p -> p.routingKey(tasks.name()).declare(tasks).retry(policy));
            producer.publish("work");
            System.out.println("confirmed");
        } catch (RetriesExhaustedException e) {
            System.out.println("failed after " + e.attempts() + " attempts: " + e.delivery());
        }
    }
}
