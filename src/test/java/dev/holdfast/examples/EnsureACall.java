package dev.holdfast.examples;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Queue;
import dev.holdfast.RetryPolicy;
import java.time.Duration;
import java.util.function.Supplier;

/** Runs any call under a retry policy: what it does should bear being done twice. */
final class EnsureACall {
    private EnsureACall() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        Queue ensured = Queue.of("examples.ensured");
        RetryPolicy policy = RetryPolicy.exponential(Duration.ofMillis(100), Duration.ofSeconds(5))
                .maxRetries(3)
                .onRetry((error, delay) -> System.out.println("again in " + delay + ": " + error.getMessage()));
        try (Connection connection = Connection.lazy(uri)) {
            connection.ensureConnection(policy);
            long waiting = connection.ensure(policy, () -> {
                try (Channel channel = connection.channel()) {
                    channel.declare(ensured);
                    return channel.inspect(ensured.name()).messageCount();
                }
            });
            System.out.println("messages that wait: " + waiting);

            // The same with a channel that is kept, and replaced when it is lost.
            Supplier<Long> purge = connection.autoretry(policy, channel -> channel.purge(ensured));
            System.out.println("purged: " + purge.get());
        }
    }
}
