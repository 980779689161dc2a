package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.KombuSerializationCases.Direction;
import dev.holdfast.serialization.Accept;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.TestBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every serializer with every compressor and every kind of body, and every type of header, to Kombu and from it: what comes
 * out is what went in, but for what {@link KombuSerializationCases} names.
 */
class KombuSerializationIT {
    private static final String SCRIPT = "kombu_serialization.py";
    private static final Accept ALL = Accept.only("json", "yaml", "msgpack", "pickle");

    @TempDir
    private Path folder;

    @BrokerTest
    void kombuReadsEveryCase(TestBroker broker) throws Exception {
        KombuProcess kombu = KombuProcess.require(folder, getClass());
        Queue queue = Queue.of(broker.unique("to-kombu"));
        Map<String, String> came = new TreeMap<>();
        try (Connection connection = broker.connect()) {
            Producer producer =
                    connection.producer(p -> p.routingKey(queue.name()).declare(queue));
            producer.maybeDeclare(queue);
            CompletableFuture<List<JsonNode>> read =
                    kombu.start(SCRIPT, List.of("read", broker.uri() + "/", queue.name()));
            Map<String, CompletableFuture<Confirmation>> sent = new TreeMap<>();
            KombuSerializationCases.all().forEach(cell -> sent.put(cell, publish(producer, cell)));
            sent.forEach((cell, outcome) -> {
                try {
                    outcome.join();
                } catch (CompletionException e) {
                    came.put(cell, e.getCause().getClass().getSimpleName());
                }
            });
            producer.publish("", p -> p.messageId("end"));
            tell(came, read.join());
        }
        assertCells(came, Direction.TO_KOMBU);
    }

    private static CompletableFuture<Confirmation> publish(Producer producer, String cell) {
        String[] parts = cell.split("/", -1);
        Object body = 1;
        PublishOptions options = producer.defaults().messageId(cell);
        if (parts[0].equals("header")) {
            Map<String, Object> headers = new HashMap<>();
            headers.put("value", KombuSerializationValues.headers().get(parts[2]));
            options = options.headers(headers);
        } else {
            body = KombuSerializationValues.bodies().get(parts[2]);
            options = options.serializer(parts[0]);
        }
        try {
            return producer.publishAsync(body, parts[1].equals("none") ? options : options.compression(parts[1]));
        } catch (NullPointerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @BrokerTest
    void everyCaseFromKombuIsRead(TestBroker broker) throws Exception {
        KombuProcess kombu = KombuProcess.require(folder, getClass());
        Queue queue = Queue.of(broker.unique("from-kombu"));
        Map<String, String> came = new ConcurrentSkipListMap<>();
        try (Connection connection = broker.connect();
                Consumer consumer =
                        connection.consumer(List.of(queue), o -> o.accept(ALL).noAck(true))) {
            consumer.onMessage(message -> came.put(message.properties().messageId(), received(message)))
                    .consume();
            List<String> arguments = new ArrayList<>(List.of("write", broker.uri() + "/", queue.name()));
            arguments.addAll(KombuSerializationCases.all());
            tell(came, kombu.run(SCRIPT, arguments));
            Await.until(
                    "all cells, without " + missing(came), () -> missing(came).isEmpty());
        }
        assertCells(came, Direction.FROM_KOMBU);
    }

    private static String received(Message message) {
        try {
            return KombuSerializationValues.told(
                    message.properties().messageId().startsWith("header/")
                            ? message.headers().get("value")
                            : message.payload());
        } catch (SerializationException e) {
            return e.getClass().getSimpleName();
        }
    }

    private static List<String> missing(Map<String, String> came) {
        List<String> missing = new ArrayList<>(KombuSerializationCases.all());
        missing.removeAll(came.keySet());
        return missing;
    }

    private static void tell(Map<String, String> came, List<JsonNode> lines) {
        lines.forEach(line -> came.put(line.get(0).textValue(), line.get(1).textValue()));
    }

    private static void assertCells(Map<String, String> came, Direction direction) {
        List<String> wrong = new ArrayList<>();
        KombuSerializationCases.expected(direction).forEach((cell, expected) -> {
            String got = came.getOrDefault(cell, "nothing came");
            if (!got.equals(expected)) {
                wrong.add(cell + ": " + got + " (expected: " + expected + ")");
            }
        });
        assertThat(wrong)
                .as("cells %s that are not as KombuSerializationCases has them", direction)
                .isEmpty();
        assertThat(came).hasSize(KombuSerializationCases.all().size());
    }
}
