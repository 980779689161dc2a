package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
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

/** Kombu itself reads what we published, and we read what Kombu published: one process for the whole matrix. */
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
            producer.publish("with all of it", p -> everything(p).expiration(expiration));

            List<JsonNode> seen = kombu.run(
                    "kombu_interop.py",
                    List.of(
                            broker.uri() + "/",
                            toKombu.name(),
                            "4",
                            fromKombu.name(),
                            expiration == null ? "0" : "300"));
            assertUnderstood(seen, expiration);
            assertUnderstands(channel, fromKombu.name(), expiration);
        }
    }

    private PublishOptions everything(PublishOptions options) {
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

    private void assertUnderstood(List<JsonNode> seen, @Nullable Duration expiration) throws IOException {
        assertThat(seen).hasSize(4);
        assertThat(seen.get(0).get("payload")).isEqualTo(json("""
                        {"dict": {"hello": {"str": "wörld"}, "nested": {"dict": {"deep": {"int": -1}}},
                         "list": {"list": [{"int": 1}, {"float": 2.5}, {"bool": true}]}}}"""));
        assertThat(seen.get(0).get("headers")).isEqualTo(json("{'dict': {}}"));
        assertThat(seen.get(0).get("properties"))
                .isEqualTo(
                        json(
                                "{'content_type': {'str': 'application/json'}, 'content_encoding': {'str': 'utf-8'}, 'delivery_mode': {'int': 2}}"));
        assertThat(seen.get(1).get("payload")).isEqualTo(json("{'str': 'grüße'}"));
        assertThat(seen.get(1).at("/properties/content_type/str").textValue()).isEqualTo("text/plain");
        assertThat(seen.get(2).get("payload")).isEqualTo(json("{'bytes': '00ff80'}"));
        assertThat(seen.get(2).at("/properties/content_type/str").textValue()).isEqualTo("application/data");
        assertThat(seen.get(2).at("/properties/content_encoding/str").textValue())
                .isEqualTo("binary");
        assertThat(seen.get(3).get("headers")).isEqualTo(json("""
                        {'dict': {'str': {'str': 'wert'}, 'int': {'int': 7}, 'long': {'int': 1099511627776},
                         'negative': {'int': -3}, 'true': {'bool': true}, 'float': {'float': 0.5},
                         'none': {'NoneType': null}, 'when': {'datetime': %d},
                         'list': {'list': [{'int': 1}, {'str': 'two'}, {'bool': false}]},
                         'table': {'dict': {'inner': {'dict': {'deep': {'int': -1}}}}}}}""".formatted(now.getEpochSecond())));
        JsonNode properties = seen.get(3).get("properties");
        assertThat(properties).isEqualTo(json("""
                        {'content_type': {'str': 'text/plain'}, 'content_encoding': {'str': 'utf-8'},
                         'delivery_mode': {'int': 1}, 'priority': {'int': 3}, 'correlation_id': {'str': 'correlation'},
                         'reply_to': {'str': 'reply'}, 'message_id': {'str': 'message'},%s
                         'timestamp': {'int': %d}, 'type': {'str': 'type'}, 'user_id': {'str': 'guest'},
                         'app_id': {'str': 'app'}}""".formatted(
                        expiration == null ? "" : " 'expiration': {'str': '300000'},", now.getEpochSecond())));
    }

    private static JsonNode json(String text) throws IOException {
        return JSON.readTree(text.replace('\'', '"'));
    }

    private static void assertUnderstands(Channel channel, String queue, @Nullable Duration expiration)
            throws Exception {
        // By what they are: a broker may let transient messages overtake persistent ones, and Kombu waits for no
        // confirm.
        Map<String, Delivery> seen = new HashMap<>();
        Await.until("four messages of Kombu", () -> {
            channel.get(queue, true)
                    .ifPresent(got -> seen.put(
                            got.properties().messageId() == null
                                    ? got.properties().contentType()
                                    : "all",
                            got));
            return seen.size() == 4;
        });
        Delivery table = seen.get("application/json");
        assertThat(JSON.readTree(table.body()))
                .isEqualTo(json("{'hello': 'wörld', 'list': [1, 2.5, null, true], 'nested': {'deep': -1}}"));
        assertThat(table.properties().contentEncoding()).isEqualTo("utf-8");
        assertThat(table.properties().deliveryMode()).isEqualTo(2);

        Delivery text = seen.get("text/plain");
        assertThat(new String(text.body(), UTF_8)).isEqualTo("grüße");
        assertThat(text.properties().contentEncoding()).isEqualTo("utf-8");
        Delivery bytes = seen.get("application/data");
        assertThat(bytes.body()).containsExactly(0, -1, -128);
        assertThat(bytes.properties().contentEncoding()).isEqualTo("binary");

        MessageProperties all = seen.get("all").properties();
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
