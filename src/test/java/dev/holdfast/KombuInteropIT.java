package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.RunReport;
import dev.holdfast.testing.TestBroker;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** Kombu itself reads what we published, and we read what Kombu published: one process for the whole matrix. */
class KombuInteropIT {
    private static final String PYTHON = "/usr/bin/python3";
    private static final long SECONDS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path folder;

    @BrokerTest
    void understandsKombuAndIsUnderstood(TestBroker broker) throws Exception {
        RunReport.require(
                "Kombu (Debian: python3-kombu)",
                run("-c", "import kombu") == 0,
                getClass().getSimpleName());
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

            String script = Path.of(KombuInteropIT.class
                            .getResource("/kombu_interop.py")
                            .toURI())
                    .toString();
            int exit = run(
                    script,
                    broker.uri() + "/",
                    toKombu.name(),
                    "4",
                    fromKombu.name(),
                    expiration == null ? "0" : "300");
            assertThat(exit).as(printed()).isZero();
            List<JsonNode> seen = new ArrayList<>();
            for (String line : printed().split("\n", -1)) {
                if (!line.isEmpty()) {
                    seen.add(JSON.readTree(line));
                }
            }
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

    /** Runs Python in bounded time; what it prints goes to a file. */
    private int run(String... arguments) throws IOException, InterruptedException {
        if (!new File(PYTHON).canExecute()) {
            return -1;
        }
        List<String> command = new ArrayList<>(List.of(PYTHON));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(output().toFile()));
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        Process process = builder.start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("Python still runs after " + SECONDS + " s: " + printed());
        }
        return process.exitValue();
    }

    private Path output() {
        return folder.resolve("printed");
    }

    private String printed() throws IOException {
        return Files.readString(output());
    }
}
