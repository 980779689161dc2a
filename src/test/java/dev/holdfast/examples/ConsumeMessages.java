package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.Consumer;
import dev.holdfast.Exchange;
import dev.holdfast.Producer;
import dev.holdfast.Queue;
import dev.holdfast.serialization.Accept;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Receives decoded messages. Callbacks run one after the other; a loop like drain_events is not needed. */
final class ConsumeMessages {
    private ConsumeMessages() {}

    public static void main(String[] args) throws InterruptedException {
        run(args[0]);
    }

    static void run(String uri) throws InterruptedException {
        Exchange media = Exchange.direct("examples.media");
        Queue video = Queue.of("examples.video", media, "video");
        CountDownLatch received = new CountDownLatch(2);
        try (Connection connection = Connection.open(uri);
                Consumer consumer = connection.consumer(List.of(video), o -> o.accept(Accept.only("json", "yaml")))) {
            consumer.onDecodeError((message, error) -> message.reject())
                    .callback((body, message) -> {
                        System.out.println("received " + body);
                        message.ack();
                        received.countDown();
                    })
                    .consume();
            Producer producer = connection.producer(p -> p.exchange(media).routingKey("video"));
            producer.publish(Map.of("hello", "world"));
            producer.publish(List.of(1, 2), p -> p.serializer("yaml"));
            System.out.println("both received: " + received.await(30, TimeUnit.SECONDS));
        }
    }
}
