package dev.holdfast.examples;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Queue;
import dev.holdfast.RetryPolicy;
import java.time.Duration;
import java.util.function.Supplier;

/** Runs any call under a retry policy. The call may run more than once, so it should be idempotent. */
final class EnsureACall {
    private EnsureACall() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        Queue ensured = Queue.of("examples.ensured");
        RetryPolicy policy = RetryPolicy.exponential(Duration.ofMillis(100), Duration.ofSeconds(5))
                .maxRetries(3)
                .onRetry((error, delay) -> System.out.println("retry in " + delay + ": " + error.getMessage()));
        try (Connection connection = Connection.lazy(uri)) {
            connection.ensureConnection(policy);
            long count = connection.ensure(policy, () -> {
                try (Channel channel = connection.channel()) {
                    channel.declare(ensured);
                    return channel.inspect(ensured.name()).messageCount();
                }
            });
            System.out.println("messages: " + count);

            // autoretry passes a channel to the call, keeps it for the next call, and replaces it when it is lost.
            Supplier<Long> purge = connection.autoretry(policy, channel -> channel.purge(ensured));
            System.out.println("purged: " + purge.get());
        }
    }
}
