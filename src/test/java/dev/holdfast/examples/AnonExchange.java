package dev.holdfast.examples;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Delivery;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import java.nio.charset.StandardCharsets;

/** Publishes directly to a queue: the default exchange {@code ""} routes to the queue that the routing key names. */
final class AnonExchange {
    private AnonExchange() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        try (Connection connection = Connection.open(uri);
                Channel channel = connection.channel()) {
            Queue answers = channel.declare(Queue.serverNamed());
            // Options are encoded once; reuse them for any number of messages.
            PublishOptions toAnswers = PublishOptions.to("", answers.name());
            connection.producer().publish("one", toAnswers);
            connection.producer().publish("two", toAnswers);
            for (int i = 0; i < 2; i++) {
                Delivery delivery = channel.get(answers.name(), false).orElseThrow();
                System.out.println(new String(delivery.body(), StandardCharsets.UTF_8));
                channel.ack(delivery);
            }
        }
    }
}
