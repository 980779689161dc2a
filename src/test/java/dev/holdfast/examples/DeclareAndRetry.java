package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.Producer;
import dev.holdfast.Queue;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.RetryPolicy;
import java.time.Duration;

/** Publishes through outages: at once, after 2 s, after 4 s ... but never more than 30 s apart, 30 times at the most. */
final class DeclareAndRetry {
    private DeclareAndRetry() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        Queue tasks = Queue.of("examples.tasks");
        RetryPolicy patient = RetryPolicy.linear(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30))
                .maxRetries(30)
                .onRetry((error, delay) -> System.out.println("again in " + delay + ": " + error.getMessage()));
        try (Connection connection = Connection.lazy(uri)) {
            Producer producer = connection.producer(
                    p -> p.routingKey(tasks.name()).declare(tasks).retry(patient));
            producer.publish("work");
            System.out.println("the broker has it");
        } catch (RetriesExhaustedException e) {
            System.out.println("given up after " + e.attempts() + " attempts: " + e.delivery());
        }
    }
}
