package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.DecodeException;
import dev.holdfast.Message;
import dev.holdfast.MessageProperties;
import dev.holdfast.Queue;
import dev.holdfast.SerializerNotInstalledException;
import dev.holdfast.SimpleQueue;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.serialization.Accept;
import dev.holdfast.serialization.Json;
import dev.holdfast.serialization.Serializer;
import dev.holdfast.serialization.SerializerRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoding and decoding of message bodies by the standard serializers and compressions. */
class MessageTest extends ScriptedTest {
    private static final long SECONDS = 10;
    private static final MessageProperties JSON =
            MessageProperties.EMPTY.contentType("application/json").contentEncoding("utf-8");

    private final CountingJson json = new CountingJson();

    record Video(String name, int minutes) {}

    @Test
    void nullPayloadIsDecodedOnce() throws Exception {
        try (Client client = broker.connect(options())) {
            Message message = received(client, open(client), JSON, "null".getBytes(UTF_8));
            assertThat(message.payload()).isNull();
            assertThat(message.payload()).isNull();
            assertThat(json.times).hasValue(1);
            assertThat(message.payload(Video.class)).isNull();
            assertThat(message.payload(Video.class)).isNull();
            assertThat(json.times).hasValue(2);
        }
    }

    @Test
    void headersOfAMessageWithoutHeadersAreEmpty() throws Exception {
        try (Client client = broker.connect(options())) {
            SimpleQueue jobs = open(client);
            Message message = received(client, jobs, MessageProperties.EMPTY, new byte[0]);
            assertThat(message.headers()).isEmpty();
            assertThat(message.properties().headers()).isEmpty();
            assertThat(message.properties()).isEqualTo(MessageProperties.EMPTY.headers(Map.of()));
        }
    }

    @Test
    void payloadIsDecodedOncePerClass() throws Exception {
        try (Client client = broker.connect(options())) {
            Message message = received(client, open(client), JSON, "{\"name\":\"a\",\"minutes\":7}".getBytes(UTF_8));
            Video video = message.payload(Video.class);
            assertThat(video).isEqualTo(new Video("a", 7));
            assertThat(message.payload()).isEqualTo(Map.of("name", "a", "minutes", 7));
            assertThat(message.payload(Video.class)).isSameAs(video);
            assertThat(json.times).hasValue(2);
            assertThat((Object) message.payload(Map.class)).isEqualTo(Map.of("name", "a", "minutes", 7));
            assertThatThrownBy(() -> message.payload(List.class)).isInstanceOf(DecodeException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd", "brotli"})
    void compressedPayloadRoundTrips(String compression) throws Exception {
        Map<String, Object> body = Map.of("text", "very ".repeat(1000));
        try (Client client = broker.connect(options())) {
            SimpleQueue jobs = open(client, p -> p.compression(compression).serializer("msgpack"));
            CompletableFuture<Confirmation> putting = CompletableFuture.supplyAsync(() -> jobs.put(body));
            Published put = client.link().expectPublish();
            client.link().ack(put.channel(), 1);
            Confirmation unused = putting.get(SECONDS, TimeUnit.SECONDS);
            assertThat(put.body()).hasSizeLessThan(1000);
            assertThat(put.properties().contentType()).isEqualTo("application/x-msgpack");
            assertThat(put.properties().headers()).containsOnlyKeys("compression");

            Message message = received(client, jobs, put.properties(), put.body());
            assertThat(message.body()).isEqualTo(put.body());
            assertThat(message.payload()).isEqualTo(body);
        }
    }

    @Test
    void simpleQueueRefusesAnUnknownSerializer() throws Exception {
        try (Client client = broker.connect(options())) {
            SimpleQueue jobs = open(client);
            assertThatThrownBy(() -> jobs.accept(Accept.only("json", "jsn")))
                    .isInstanceOf(SerializerNotInstalledException.class)
                    .hasMessageStartingWith(
                            "serializer: jsn (expected: one of [json, kombu-json, msgpack, pickle, raw, text");
        }
    }

    private ConnectionOptions options() {
        return broker.options().serializers(SerializerRegistry.standard().with("json", json));
    }

    private static SimpleQueue open(Client client) throws Exception {
        return open(client, UnaryOperator.identity());
    }

    private static SimpleQueue open(Client client, UnaryOperator<dev.holdfast.PublishOptions> defaults)
            throws Exception {
        CompletableFuture<SimpleQueue> opening = CompletableFuture.supplyAsync(
                () -> client.connection().simpleQueue(Queue.of("jobs")).putOptions(defaults));
        client.link().openChannel();
        client.link().answerQueueDeclare("jobs");
        return opening.get(SECONDS, TimeUnit.SECONDS);
    }

    private static Message received(Client client, SimpleQueue jobs, MessageProperties properties, byte[] body)
            throws Exception {
        CompletableFuture<Optional<Message>> getting = CompletableFuture.supplyAsync(jobs::getNow);
        int channel = client.link().expect(BasicMethods.Get.class).channel();
        client.link().sendContent(channel, new BasicMethods.GetOk(1, false, "", "jobs", 0), properties, body);
        return getting.get(SECONDS, TimeUnit.SECONDS).orElseThrow();
    }

    /** Serializes JSON and counts the calls that decode. */
    private static final class CountingJson implements Serializer {
        private final Json json = Json.kombu();
        private final AtomicInteger times = new AtomicInteger();

        @Override
        public String contentType() {
            return json.contentType();
        }

        @Override
        public Optional<String> contentEncoding() {
            return json.contentEncoding();
        }

        @Override
        public byte[] serialize(Object body) {
            return json.serialize(body);
        }

        @Override
        public @Nullable Object deserialize(byte[] body) {
            times.incrementAndGet();
            return json.deserialize(body);
        }

        @Override
        public <T> @Nullable T deserialize(byte[] body, Class<T> type) {
            times.incrementAndGet();
            return json.deserialize(body, type);
        }
    }
}
