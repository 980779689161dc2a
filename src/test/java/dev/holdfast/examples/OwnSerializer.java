package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Message;
import dev.holdfast.Queue;
import dev.holdfast.SimpleQueue;
import dev.holdfast.serialization.Serializer;
import dev.holdfast.serialization.SerializerRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Adds a serializer of your own to the connections that are opened with these options. */
final class OwnSerializer {
    private OwnSerializer() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        ConnectionOptions options = ConnectionOptions.parse(uri)
                .serializers(SerializerRegistry.standard().with("csv", new Csv()));
        try (Connection connection = Connection.open(options);
                SimpleQueue queue =
                        connection.simpleQueue(Queue.of("examples.csv")).putOptions(p -> p.serializer("csv"))) {
            queue.put(List.of("a", "b", "c"));
            Message message = queue.get(Duration.ofSeconds(10)).orElseThrow();
            System.out.println(message.contentType() + ": " + message.payload());
            message.ack();
        }
    }

    /** One line of values without commas. */
    private static final class Csv implements Serializer {
        @Override
        public String contentType() {
            return "text/csv";
        }

        @Override
        public Optional<String> contentEncoding() {
            return Optional.of("utf-8");
        }

        @Override
        public byte[] serialize(Object body) {
            return String.join(
                            ",", ((List<?>) body).stream().map(String::valueOf).toList())
                    .getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Object deserialize(byte[] body) {
            return List.of(new String(body, StandardCharsets.UTF_8).split(",", -1));
        }
    }
}
