package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.TestBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** Kombu reads messages of Holdfast, and Holdfast reads messages of Kombu: bodies, headers and every property. */
class KombuInteropIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path folder;

    @BrokerTest
    void kombuAndHoldfastReadEachOthersMessages(TestBroker broker) throws Exception {
        KombuProcess kombu = KombuProcess.require(folder, getClass());
        Queue toKombu = Queue.of(broker.unique("to-kombu"));
        Queue fromKombu = Queue.of(broker.unique("from-kombu"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(fromKombu);
            Producer producer =
                    connection.producer(p -> p.routingKey(toKombu.name()).declare(toKombu));
            producer.publish(Map.of("hello", "wörld", "list", List.of(1, 2.5, true), "nested", Map.of("deep", -1)));
            producer.publish("grüße");
            producer.publish(new byte[] {0, -1, -128});
            Duration expiration = broker.lacks(Feature.EXPIRATION) ? null : Duration.ofMinutes(5);
            producer.publish("with all of it", p -> allProperties(p).expiration(expiration));

            List<JsonNode> received = kombu.run(
                    "kombu_interop.py",
                    List.of(
                            broker.uri() + "/",
                            toKombu.name(),
                            "4",
                            fromKombu.name(),
                            expiration == null ? "0" : "300"));
            assertKombuReceived(received, expiration);
            assertHoldfastReceives(channel, fromKombu.name(), expiration);
        }
    }

    private PublishOptions allProperties(PublishOptions options) {
        Map<String, Object> headers = new HashMap<>(
                Map.of("str", "wert", "int", 7, "long", 1L << 40, "negative", -3, "true", true, "float", 0.5));
        headers.put("none", null);
        headers.put("when", now);
        headers.put("list", List.of(1, "two", false));
        headers.put("table", Map.of("inner", Map.of("deep", -1)));
        return options.headers(headers)
                .deliveryMode(1)
                .priority(3)
                .correlationId("correlation")
                .replyTo("reply")
                .messageId("message")
                .timestamp(now)
                .type("type")
                .userId("guest")
                .appId("app");
    }

    private void assertKombuReceived(List<JsonNode> received, @Nullable Duration expiration) throws IOException {
        assertThat(received).hasSize(4);
        assertThat(received.get(0).get("payload")).isEqualTo(json("""
                        {"dict": {"hello": {"str": "wörld"}, "nested": {"dict": {"deep": {"int": -1}}},
                         "list": {"list": [{"int": 1}, {"float": 2.5}, {"bool": true}]}}}"""));
        assertThat(received.get(0).get("headers")).isEqualTo(json("{'dict': {}}"));
        assertThat(received.get(0).get("properties")).isEqualTo(json("""
                        {'content_type': {'str': 'application/json'}, 'content_encoding': {'str': 'utf-8'},
                         'delivery_mode': {'int': 2}}"""));
        assertThat(received.get(1).get("payload")).isEqualTo(json("{'str': 'grüße'}"));
        assertThat(received.get(1).at("/properties/content_type/str").textValue())
                .isEqualTo("text/plain");
        assertThat(received.get(2).get("payload")).isEqualTo(json("{'bytes': '00ff80'}"));
        assertThat(received.get(2).at("/properties/content_type/str").textValue())
                .isEqualTo("application/data");
        assertThat(received.get(2).at("/properties/content_encoding/str").textValue())
                .isEqualTo("binary");
        long seconds = now.getEpochSecond();
        assertThat(received.get(3).get("headers")).isEqualTo(json("""
                        {'dict': {'str': {'str': 'wert'}, 'int': {'int': 7}, 'long': {'int': 1099511627776},
                         'negative': {'int': -3}, 'true': {'bool': true}, 'float': {'float': 0.5},
                         'none': {'NoneType': null}, 'when': {'datetime': %d},
                         'list': {'list': [{'int': 1}, {'str': 'two'}, {'bool': false}]},
                         'table': {'dict': {'inner': {'dict': {'deep': {'int': -1}}}}}}}""".formatted(seconds)));
        String expirationEntry = expiration == null ? "" : " 'expiration': {'str': '300000'},";
        assertThat(received.get(3).get("properties")).isEqualTo(json("""
                        {'content_type': {'str': 'text/plain'}, 'content_encoding': {'str': 'utf-8'},
                         'delivery_mode': {'int': 1}, 'priority': {'int': 3}, 'correlation_id': {'str': 'correlation'},
                         'reply_to': {'str': 'reply'}, 'message_id': {'str': 'message'},%s
                         'timestamp': {'int': %d}, 'type': {'str': 'type'}, 'user_id': {'str': 'guest'},
                         'app_id': {'str': 'app'}}""".formatted(expirationEntry, seconds)));
    }

    private static JsonNode json(String text) throws IOException {
        return JSON.readTree(text.replace('\'', '"'));
    }

    private static void assertHoldfastReceives(Channel channel, String queue, @Nullable Duration expiration)
            throws Exception {
        // Identified by content type and id: a broker may deliver a transient message before a persistent one, and
        // Kombu
        // does not wait for confirms.
        Map<String, Delivery> received = new HashMap<>();
        Await.until("four messages from Kombu", () -> {
            channel.get(queue, true)
                    .ifPresent(delivery -> received.put(
                            delivery.properties().messageId() == null
                                    ? delivery.properties().contentType()
                                    : "all",
                            delivery));
            return received.size() == 4;
        });
        Delivery table = received.get("application/json");
        assertThat(JSON.readTree(table.body()))
                .isEqualTo(json("{'hello': 'wörld', 'list': [1, 2.5, null, true], 'nested': {'deep': -1}}"));
        assertThat(table.properties().contentEncoding()).isEqualTo("utf-8");
        assertThat(table.properties().deliveryMode()).isEqualTo(2);

        Delivery text = received.get("text/plain");
        assertThat(DeliveryQueue.text(text)).isEqualTo("grüße");
        assertThat(text.properties().contentEncoding()).isEqualTo("utf-8");
        Delivery bytes = received.get("application/data");
        assertThat(bytes.body()).containsExactly(0, -1, -128);
        assertThat(bytes.properties().contentEncoding()).isEqualTo("binary");

        MessageProperties all = received.get("all").properties();
        Map<String, Object> headers = new HashMap<>(all.headers());
        assertThat((byte[]) headers.remove("bytes")).containsExactly(0, -1);
        Map<String, Object> expected = new HashMap<>(Map.of(
                "str", "wert", "int", 7, "long", 1L << 40, "negative", -3, "true", true, "false", false, "float", 0.5));
        expected.put("none", null);
        expected.put("when", Instant.parse("2024-01-02T03:04:05Z"));
        expected.put("list", List.of(1, "two", false));
        expected.put("table", Map.of("inner", Map.of("deep", -1)));
        assertThat(headers).isEqualTo(expected);
        assertThat(all.headers(null))
                .isEqualTo(MessageProperties.EMPTY
                        .contentType("text/plain")
                        .contentEncoding("utf-8")
                        .deliveryMode(1)
                        .priority(3)
                        .correlationId("correlation")
                        .replyTo("reply")
                        .expiration(expiration == null ? null : "300000")
                        .messageId("message")
                        .type("type")
                        .userId("guest")
                        .appId("app")
                        .reserved("cluster"));
    }
}
