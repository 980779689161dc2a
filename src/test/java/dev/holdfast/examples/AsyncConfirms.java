package dev.holdfast.examples;

import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Publishes a thousand messages without waiting for a confirm in between. Each publish has its own outcome. */
final class AsyncConfirms {
    private AsyncConfirms() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        Queue numbers = Queue.of("examples.numbers");
        PublishOptions options = PublishOptions.to("", numbers.name()).declare(numbers);
        try (Connection connection = Connection.open(uri)) {
            Producer producer = connection.producer();
            List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                publishes.add(producer.publishAsync(Map.of("number", i), options));
            }
            // Every future completes within the timeout of its publish. join() throws the failure of a failed publish.
            publishes.forEach(CompletableFuture::join);
            System.out.println(publishes.size() + " confirmed");
        }
    }
}
