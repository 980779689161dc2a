package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.Message;
import dev.holdfast.Queue;
import dev.holdfast.SimpleQueue;
import dev.holdfast.serialization.Accept;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Publishes one body in three formats, compressed. The message names its format, so the receiver decodes each
 * alike.
 */
final class SerializersAndCompression {
    private SerializersAndCompression() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        Map<String, Object> body = Map.of("title", "very ".repeat(1000) + "long");
        try (Connection connection = Connection.open(uri);
                SimpleQueue queue = connection.simpleQueue(Queue.of("examples.formats"))) {
            queue.accept(Accept.only("json", "yaml", "msgpack"));
            queue.put(body, p -> p.compression("gzip"));
            queue.put(body, p -> p.serializer("yaml").compression("zstd"));
            queue.put(body, p -> p.serializer("msgpack").compression("brotli"));
            for (String format : List.of("json", "yaml", "msgpack")) {
                Message message = queue.get(Duration.ofSeconds(10)).orElseThrow();
                System.out.println(format + " as " + message.contentType() + ", "
                        + message.headers().get("compression") + ", small: " + (message.body().length < 200)
                        + ", same: " + body.equals(message.payload()));
                message.ack();
            }
        }
    }
}
