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
 * Sends every serializer with every compressor and kind of body, and every type of header, to Kombu and from it.
 * The receiver gets the value that was sent, except in the cases that {@link KombuSerializationCases} lists.
 */
class KombuSerializationIT {
    private static final String SCRIPT = "kombu_serialization.py";
    private static final Accept ALL_SERIALIZERS = Accept.only("json", "yaml", "msgpack", "pickle");

    @TempDir
    private Path folder;

    @BrokerTest
    void kombuReadsEveryCase(TestBroker broker) throws Exception {
        KombuProcess kombu = KombuProcess.require(folder, getClass());
        Queue queue = Queue.of(broker.unique("to-kombu"));
        Map<String, String> results = new TreeMap<>();
        try (Connection connection = broker.connect()) {
            Producer producer =
                    connection.producer(p -> p.routingKey(queue.name()).declare(queue));
            producer.maybeDeclare(queue);
            CompletableFuture<List<JsonNode>> read =
                    kombu.start(SCRIPT, List.of("read", broker.uri() + "/", queue.name()));
            Map<String, CompletableFuture<Confirmation>> publishes = new TreeMap<>();
            KombuSerializationCases.all().forEach(caseName -> publishes.put(caseName, publish(producer, caseName)));
            publishes.forEach((caseName, publish) -> {
                try {
                    publish.join();
                } catch (CompletionException e) {
                    results.put(caseName, e.getCause().getClass().getSimpleName());
                }
            });
            producer.publish("", p -> p.messageId("end"));
            addLines(results, read.join());
        }
        assertExpected(results, Direction.TO_KOMBU);
    }

    private static CompletableFuture<Confirmation> publish(Producer producer, String caseName) {
        String[] parts = caseName.split("/", -1);
        Object body = 1;
        PublishOptions options = producer.defaults().messageId(caseName);
        if (parts[0].equals("header")) {
            Map<String, Object> headers = new HashMap<>();
            headers.put("value", KombuSerializationValues.headers().get(parts[2]));
            options = options.headers(headers);
        } else {
            body = KombuSerializationValues.bodies().get(parts[2]);
            options = options.serializer(parts[0].equals("json") ? "kombu-json" : parts[0]);
        }
        try {
            return producer.publishAsync(body, parts[1].equals("none") ? options : options.compression(parts[1]));
        } catch (NullPointerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Kombu before 5.3 reads Kombu's envelopes as maps. It reads plain JSON as the text that it writes itself. */
    @BrokerTest
    void kombuReadsPlainJson(TestBroker broker) throws Exception {
        KombuProcess kombu = KombuProcess.require(folder, getClass());
        Queue queue = Queue.of(broker.unique("plain-to-kombu"));
        Map<String, String> expected = new TreeMap<>(Map.of(
                "map",
                        KombuSerializationValues.describe(
                                KombuSerializationValues.bodies().get("map")),
                "decimals", "[float 40091eb851eb851f, float 0000000000000000, float 46293e5939a08cea]",
                "datetime-utc", "'2015-10-21T07:28:01.123456Z'",
                "datetime-offset", "'2015-10-21T07:28:01.123456-03:30'",
                "datetime-naive", "'2015-10-21T07:28:01.123456'",
                "date", "'2015-10-21'",
                "time", "'07:28:01.123456'",
                "uuid", "'00112233-4455-6677-8899-aabbccddeeff'",
                "bytes", "'AP+A'"));
        Map<String, String> results = new TreeMap<>();
        try (Connection connection = broker.connect()) {
            Producer producer =
                    connection.producer(p -> p.routingKey(queue.name()).declare(queue));
            for (String item : expected.keySet()) {
                Object body = KombuSerializationValues.bodies().get(item);
                producer.publish(body, p -> p.serializer("json").messageId(item));
            }
            producer.publish("", p -> p.messageId("end"));
            addLines(results, kombu.run(SCRIPT, List.of("read", broker.uri() + "/", queue.name())));
        }
        assertThat(results).isEqualTo(expected);
    }

    @BrokerTest
    void everyCaseFromKombuIsRead(TestBroker broker) throws Exception {
        KombuProcess kombu = KombuProcess.require(folder, getClass());
        Queue queue = Queue.of(broker.unique("from-kombu"));
        Map<String, String> results = new ConcurrentSkipListMap<>();
        try (Connection connection = broker.connect();
                Consumer consumer = connection.consumer(
                        List.of(queue), o -> o.accept(ALL_SERIALIZERS).noAck(true))) {
            consumer.onMessage(message -> results.put(message.properties().messageId(), received(message)))
                    .consume();
            List<String> arguments = new ArrayList<>(List.of("write", broker.uri() + "/", queue.name()));
            arguments.addAll(KombuSerializationCases.all());
            addLines(results, kombu.run(SCRIPT, arguments));
            Await.until("all cases", () -> missing(results).isEmpty());
        }
        assertExpected(results, Direction.FROM_KOMBU);
    }

    private static String received(Message message) {
        try {
            return KombuSerializationValues.describe(
                    message.properties().messageId().startsWith("header/")
                            ? message.headers().get("value")
                            : message.payload());
        } catch (SerializationException e) {
            return e.getClass().getSimpleName();
        }
    }

    private static List<String> missing(Map<String, String> results) {
        List<String> missing = new ArrayList<>(KombuSerializationCases.all());
        missing.removeAll(results.keySet());
        return missing;
    }

    private static void addLines(Map<String, String> results, List<JsonNode> lines) {
        lines.forEach(line -> results.put(line.get(0).textValue(), line.get(1).textValue()));
    }

    private static void assertExpected(Map<String, String> results, Direction direction) {
        List<String> unexpected = new ArrayList<>();
        KombuSerializationCases.expected(direction).forEach((caseName, expected) -> {
            String actual = results.getOrDefault(caseName, "not received");
            if (!actual.equals(expected)) {
                unexpected.add(caseName + ": " + actual + " (expected: " + expected + ")");
            }
        });
        assertThat(unexpected)
                .as("cases %s that differ from KombuSerializationCases", direction)
                .isEmpty();
        assertThat(results).hasSize(KombuSerializationCases.all().size());
    }
}
