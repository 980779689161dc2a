package dev.holdfast.examples;

import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.Exchange;
import dev.holdfast.Producer;
import dev.holdfast.Queue;
import java.util.Map;

/** Declares an exchange and a queue with the publish, and returns when the broker has confirmed the message. */
final class HelloPublish {
    private HelloPublish() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        Exchange media = Exchange.direct("examples.media");
        Queue video = Queue.of("examples.video", media, "video");
        try (Connection connection = Connection.open(uri)) {
            Producer producer = connection.producer();
            Confirmation confirmation = producer.publish(
                    Map.of("hello", "world"),
                    p -> p.exchange(media).routingKey("video").declare(video));
            System.out.println("confirmed, attempts: " + confirmation.attempts());
        }
    }
}
