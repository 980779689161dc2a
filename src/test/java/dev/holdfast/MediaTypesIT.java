package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import dev.holdfast.serialization.Accept;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.TestBroker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Every row of docs/media-types.md: amqp-client sends as that client does, and reads what is sent to it. */
class MediaTypesIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    record Greeting(String hello) {}

    private static final Greeting GREETING = new Greeting("wörld");
    private static final byte[] JSON = "{\"hello\":\"wörld\"}".getBytes(UTF_8);

    /** What another client sends. */
    @SuppressWarnings("ArrayRecordComponent") // only read
    private record Sent(String contentType, String contentEncoding, byte[] body, Map<String, Object> headers) {
        Sent(String contentType, String contentEncoding, byte[] body) {
            this(contentType, contentEncoding, body, Map.of());
        }
    }

    /** JSON documents of {@link Greeting}, by sender. */
    private static Map<String, Sent> jsonOfOthers() throws IOException {
        Map<String, Sent> all = new LinkedHashMap<>();
        Map<String, Object> decompress = Map.of("springAutoDecompress", true);
        all.put("Spring Jackson2JsonMessageConverter", new Sent("application/json", "UTF-8", JSON));
        all.put("Spring in UTF-16", new Sent("application/json", "UTF-16", new String(JSON, UTF_8).getBytes(UTF_16)));
        all.put(
                "Spring GZipPostProcessor",
                new Sent("application/json", "gzip, UTF-8", compressed(JSON, GZIPOutputStream::new), decompress));
        all.put(
                "Spring GZipPostProcessor before 2.3",
                new Sent("application/json", "gzip:UTF-8", compressed(JSON, GZIPOutputStream::new), decompress));
        all.put(
                "Spring DeflaterPostProcessor",
                new Sent(
                        "application/json", "deflate, UTF-8", compressed(JSON, DeflaterOutputStream::new), decompress));
        all.put(
                "Spring ZipPostProcessor",
                new Sent("application/json", "zip, UTF-8", compressed(JSON, MediaTypesIT::zip), decompress));
        all.put("MassTransit", new Sent("application/vnd.masstransit+json", null, JSON));
        all.put("EasyNetQ", new Sent("application/json", null, JSON));
        all.put("Celery", new Sent("application/json", "utf-8", JSON));
        all.put("Kombu", new Sent("application/json", "utf-8", JSON, noCompression(null)));
        all.put("Kombu with compression ''", new Sent("application/json", "utf-8", JSON, noCompression("")));
        all.put("Kombu with compression False", new Sent("application/json", "utf-8", JSON, noCompression(false)));
        all.put("Node", new Sent("application/json; charset=utf-8", null, JSON));
        all.put("ASP.NET", new Sent("Application/JSON; charset=\"utf-8\"", null, JSON));
        all.put("text/json", new Sent("text/json", "utf8", JSON));
        all.put("HTTP gzip", new Sent("application/json", "gzip", compressed(JSON, GZIPOutputStream::new)));
        all.put("HTTP problem", new Sent("application/problem+json;charset=UTF-8", "identity", JSON));
        return all;
    }

    private static Map<String, Object> noCompression(Object value) {
        Map<String, Object> headers = new HashMap<>();
        headers.put("compression", value);
        return headers;
    }

    @BrokerTest
    void jsonOfEveryClientIsReadIntoARecord(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("from-others"));
        Map<String, Object> results = new LinkedHashMap<>();
        List<String> senders = new ArrayList<>(jsonOfOthers().keySet());
        try (Connection connection = broker.connect();
                com.rabbitmq.client.Connection other = amqpClient(broker);
                com.rabbitmq.client.Channel channel = other.createChannel();
                SimpleQueue received = connection.simpleQueue(queue).accept(Accept.only("json"))) {
            received.size(); // declares the queue
            for (Sent sent : jsonOfOthers().values()) {
                channel.basicPublish("", queue.name(), properties(sent), sent.body);
            }
            for (String sender : senders) {
                Message message = received.get(LIMIT).orElseThrow();
                results.put(sender, payload(message));
                message.ack();
            }
        }
        assertThat(results.keySet()).containsExactlyElementsOf(senders);
        assertThat(results.values()).containsOnly(List.of(GREETING, Map.of("hello", "wörld")));
    }

    private static Object payload(Message message) {
        try {
            return List.of(message.payload(Greeting.class), message.payload());
        } catch (SerializationException e) {
            return e.getMessage();
        }
    }

    @BrokerTest
    void textAndBytesOfEveryClientAreRead(TestBroker broker) throws Exception {
        byte[] bytes = {-1, 0};
        Map<Sent, Object> all = new LinkedHashMap<>();
        all.put(new Sent("text/plain", "UTF-8", "grüße".getBytes(UTF_8)), "grüße"); // Spring
        all.put(new Sent("application/octet-stream", null, "x".getBytes(UTF_8)), "x".getBytes(UTF_8)); // Spring
        all.put(new Sent("text/xml; charset=UTF-16", null, "<ü/>".getBytes(UTF_16)), "<ü/>"); // SOAP
        all.put(new Sent("text/plain", "gzip", compressed(bytes("cpu=1"), GZIPOutputStream::new)), "cpu=1"); // telegraf
        all.put(new Sent(null, null, JSON), new String(JSON, UTF_8)); // amqplib for Node, without options
        all.put(new Sent(null, null, bytes), bytes);
        all.put(new Sent("application/x-protobuf", null, bytes), bytes);
        all.put(new Sent("application/yaml", null, bytes("a: 1")), Map.of("a", 1));
        Queue queue = Queue.of(broker.unique("bodies"));
        try (Connection connection = broker.connect();
                com.rabbitmq.client.Connection other = amqpClient(broker);
                com.rabbitmq.client.Channel channel = other.createChannel();
                SimpleQueue received = connection.simpleQueue(queue)) {
            received.size();
            for (Map.Entry<Sent, Object> entry : all.entrySet()) {
                channel.basicPublish("", queue.name(), properties(entry.getKey()), entry.getKey().body);
                Message message = received.get(LIMIT).orElseThrow();
                assertThat(message.payload()).as("%s", entry.getKey()).isEqualTo(entry.getValue());
                message.ack();
            }
        }
    }

    @BrokerTest
    void othersReadWhatIsSentInTheirForm(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("to-others"));
        try (Connection connection = broker.connect();
                com.rabbitmq.client.Connection other = amqpClient(broker);
                com.rabbitmq.client.Channel channel = other.createChannel()) {
            Producer producer =
                    connection.producer(p -> p.routingKey(queue.name()).declare(queue));
            producer.publish(GREETING);
            assertReceived(next(channel, queue), "application/json", "utf-8", JSON);
            producer.publish(GREETING, p -> p.contentEncoding("gzip"));
            GetResponse gzip = next(channel, queue);
            if (gzip.getProps().getContentEncoding() == null) {
                assertReceived(gzip, "application/json", null, JSON); // Broker-J undoes gzip for such a client
            } else {
                assertReceived(gzip, "application/json", "gzip", gzip.getBody());
                assertThat(read(new GZIPInputStream(new ByteArrayInputStream(gzip.getBody()))))
                        .isEqualTo(JSON);
                assertThat(gzip.getProps().getHeaders()).isNull();
            }
            producer.publish(GREETING, p -> p.contentEncoding("deflate"));
            GetResponse deflate = next(channel, queue);
            assertReceived(deflate, "application/json", "deflate", deflate.getBody());
            assertThat(read(new InflaterInputStream(new ByteArrayInputStream(deflate.getBody()))))
                    .isEqualTo(JSON);
            producer.publish(GREETING, p -> p.contentType("application/vnd.masstransit+json"));
            assertReceived(next(channel, queue), "application/vnd.masstransit+json", "utf-8", JSON);
            producer.publish("<ü/>", p -> p.contentType("text/xml; charset=UTF-16"));
            assertReceived(next(channel, queue), "text/xml; charset=UTF-16", "UTF-16", "<ü/>".getBytes(UTF_16));
        }
    }

    private static void assertReceived(GetResponse response, String type, String encoding, byte[] body) {
        assertThat(response.getProps().getContentType()).isEqualTo(type);
        assertThat(response.getProps().getContentEncoding()).isEqualTo(encoding);
        assertThat(response.getBody()).isEqualTo(body);
    }

    private static GetResponse next(com.rabbitmq.client.Channel channel, Queue queue) throws Exception {
        AtomicReference<GetResponse> response = new AtomicReference<>();
        Await.until("a message", () -> {
            response.set(channel.basicGet(queue.name(), true));
            return response.get() != null;
        });
        return response.get();
    }

    private static com.rabbitmq.client.Connection amqpClient(TestBroker broker) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(broker.uri());
        factory.setVirtualHost("/");
        return factory.newConnection();
    }

    private static AMQP.BasicProperties properties(Sent sent) {
        return new AMQP.BasicProperties.Builder()
                .contentType(sent.contentType)
                .contentEncoding(sent.contentEncoding)
                .headers(sent.headers)
                .build();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] read(InputStream in) throws IOException {
        return in.readAllBytes();
    }

    private static OutputStream zip(OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out);
        zip.putNextEntry(new ZipEntry("zipped"));
        return zip;
    }

    private interface Wrapper {
        OutputStream wrap(OutputStream out) throws IOException;
    }

    private static byte[] compressed(byte[] bytes, Wrapper wrapper) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressing = wrapper.wrap(out)) {
            compressing.write(bytes);
        }
        return out.toByteArray();
    }
}
