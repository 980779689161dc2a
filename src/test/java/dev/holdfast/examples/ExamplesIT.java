package dev.holdfast.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Delivery;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.TestBroker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Each example does what it says, at every broker. */
class ExamplesIT {
    private interface Example {
        void run(String uri) throws Exception;
    }

    @BrokerTest
    void helloPublish(TestBroker broker) throws Exception {
        broker.claim("examples.media");
        broker.claim("examples.video");
        assertThat(printed(broker, HelloPublish::run)).containsExactly("confirmed, attempts: 1");
        assertThat(waiting(broker, "examples.video")).containsExactly("{\"hello\":\"world\"}");
    }

    @BrokerTest
    void declareAndRetry(TestBroker broker) throws Exception {
        broker.claim("examples.tasks");
        assertThat(printed(broker, DeclareAndRetry::run)).containsExactly("the broker has it");
        assertThat(waiting(broker, "examples.tasks")).containsExactly("work");
    }

    @BrokerTest
    void anonExchange(TestBroker broker) throws Exception {
        assertThat(printed(broker, AnonExchange::run)).containsExactly("one", "two");
    }

    @BrokerTest
    void serializersAndCompression(TestBroker broker) throws Exception {
        broker.claim("examples.formats");
        assertThat(printed(broker, SerializersAndCompression::run))
                .containsExactly(
                        "json as application/json, application/x-gzip, small: true, same: true",
                        "yaml as application/x-yaml, application/zstd, small: true, same: true",
                        "msgpack as application/x-msgpack, application/x-brotli, small: true, same: true");
        assertThat(waiting(broker, "examples.formats")).isEmpty();
    }

    @BrokerTest
    void ownSerializer(TestBroker broker) throws Exception {
        broker.claim("examples.csv");
        assertThat(printed(broker, OwnSerializer::run)).containsExactly("text/csv: [a, b, c]");
        assertThat(waiting(broker, "examples.csv")).isEmpty();
    }

    @BrokerTest
    void asyncConfirms(TestBroker broker) throws Exception {
        broker.claim("examples.numbers");
        assertThat(printed(broker, AsyncConfirms::run)).containsExactly("1000 confirmed");
        List<String> all = waiting(broker, "examples.numbers");
        assertThat(all).hasSize(1000).startsWith("{\"number\":0}").endsWith("{\"number\":999}");
    }

    @BrokerTest
    void mandatory(TestBroker broker) throws Exception {
        assertThat(printed(broker, Mandatory::run))
                .containsExactly("confirmed, though nobody gets it", "came back: examples.nowhere");
    }

    @BrokerTest
    void consumeMessages(TestBroker broker) throws Exception {
        broker.claim("examples.media");
        broker.claim("examples.video");
        assertThat(printed(broker, ConsumeMessages::run))
                .containsExactlyInAnyOrder("received {hello=world}", "received [1, 2]", "both came: true");
        assertThat(waiting(broker, "examples.video")).isEmpty();
    }

    @BrokerTest
    void simpleQueueWork(TestBroker broker) throws Exception {
        broker.claim("examples.jobs");
        assertThat(printed(broker, SimpleQueueWork::run))
                .containsExactly("Job[name=resize, size=3]", "Job[name=rotate, size=5]");
        assertThat(waiting(broker, "examples.jobs")).isEmpty();
    }

    @BrokerTest
    void producersFromAPool(TestBroker broker) throws Exception {
        broker.claim("examples.pooled");
        assertThat(printed(broker, ProducersFromAPool::run)).containsExactly("limit 4, in use 0");
        assertThat(waiting(broker, "examples.pooled")).hasSize(20).containsOnly("hello");
    }

    @BrokerTest
    void ensureACall(TestBroker broker) throws Exception {
        broker.claim("examples.ensured");
        assertThat(printed(broker, EnsureACall::run)).containsExactly("messages that wait: 0", "purged: 0");
    }

    @BrokerTest
    void frameLog(TestBroker broker) throws Exception {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        Logger frames = Logger.getLogger("dev.holdfast.frames");
        Handler handler = new Collecting(lines);
        frames.setUseParentHandlers(false);
        frames.addHandler(handler);
        try {
            assertThat(printed(broker, FrameLog::run)).isEmpty();
            Await.until("the frames are logged", () -> lines.stream().anyMatch(line -> line.contains("basic.ack")));
        } finally {
            frames.removeHandler(handler);
            frames.setUseParentHandlers(true);
        }
        assertThat(lines).anyMatch(line -> line.startsWith(">>") && line.contains("basic.publish"));
    }

    private static final class Collecting extends Handler {
        private final Queue<String> lines;

        Collecting(Queue<String> lines) {
            this.lines = lines;
        }

        @Override
        public void publish(LogRecord line) {
            lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** The lines that the example prints. */
    private static List<String> printed(TestBroker broker, Example example) throws Exception {
        PrintStream console = System.out;
        ByteArrayOutputStream caught = new ByteArrayOutputStream();
        System.setOut(new PrintStream(caught, true, UTF_8));
        try {
            example.run(broker.uri());
        } finally {
            System.setOut(console);
        }
        return caught.toString(UTF_8).lines().toList();
    }

    /** The bodies that wait in a queue, which they leave. */
    private static List<String> waiting(TestBroker broker, String queue) {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            return java.util.stream.Stream.generate(() -> channel.get(queue, true))
                    .takeWhile(java.util.Optional::isPresent)
                    .map(each -> text(each.orElseThrow()))
                    .toList();
        }
    }

    private static String text(Delivery delivery) {
        return new String(delivery.body(), UTF_8);
    }
}
