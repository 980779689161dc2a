package dev.holdfast.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Pages;
import dev.holdfast.testing.Snippets;
import dev.holdfast.testing.TestBroker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.io.TempDir;

/** Runs each example at every broker and checks its output and the queues it leaves. */
class ExamplesIT {
    private interface Example {
        void run(String uri) throws Exception;
    }

    @BrokerTest
    void programOfTheReadme(TestBroker broker, @TempDir Path output) throws Exception {
        broker.reserve("hello.media");
        broker.reserve("hello.video");
        assertThat(Snippets.compile(Pages.blocks("README.md").subList(0, 1), output))
                .isEmpty();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {output.toUri().toURL()})) {
            Method main = loader.loadClass("Hello").getMethod("main", String[].class);
            assertThat(printed(broker, uri -> main.invoke(null, (Object) new String[] {uri})))
                    .containsExactly("confirmed", "received hello", "done");
        }
        assertThat(bodiesIn(broker, "hello.video")).isEmpty();
    }

    @BrokerTest
    void helloPublish(TestBroker broker) throws Exception {
        broker.reserve("examples.media");
        broker.reserve("examples.video");
        assertThat(printed(broker, HelloPublish::run)).containsExactly("confirmed, attempts: 1");
        assertThat(bodiesIn(broker, "examples.video")).containsExactly("{\"hello\":\"world\"}");
    }

    @BrokerTest
    void declareAndRetry(TestBroker broker) throws Exception {
        broker.reserve("examples.tasks");
        assertThat(printed(broker, DeclareAndRetry::run)).containsExactly("confirmed");
        assertThat(bodiesIn(broker, "examples.tasks")).containsExactly("work");
    }

    @BrokerTest
    void anonExchange(TestBroker broker) throws Exception {
        assertThat(printed(broker, AnonExchange::run)).containsExactly("one", "two");
    }

    @BrokerTest
    void serializersAndCompression(TestBroker broker) throws Exception {
        broker.reserve("examples.formats");
        assertThat(printed(broker, SerializersAndCompression::run))
                .containsExactly(
                        "json as application/json, application/x-gzip, small: true, same: true",
                        "yaml as application/x-yaml, application/zstd, small: true, same: true",
                        "msgpack as application/x-msgpack, application/x-brotli, small: true, same: true");
        assertThat(bodiesIn(broker, "examples.formats")).isEmpty();
    }

    @BrokerTest
    void ownSerializer(TestBroker broker) throws Exception {
        broker.reserve("examples.csv");
        assertThat(printed(broker, OwnSerializer::run)).containsExactly("text/csv: [a, b, c]");
        assertThat(bodiesIn(broker, "examples.csv")).isEmpty();
    }

    @BrokerTest
    void asyncConfirms(TestBroker broker) throws Exception {
        broker.reserve("examples.numbers");
        assertThat(printed(broker, AsyncConfirms::run)).containsExactly("1000 confirmed");
        List<String> bodies = bodiesIn(broker, "examples.numbers");
        assertThat(bodies).hasSize(1000).startsWith("{\"number\":0}").endsWith("{\"number\":999}");
    }

    @BrokerTest
    void mandatory(TestBroker broker) throws Exception {
        assertThat(printed(broker, Mandatory::run))
                .containsExactly("confirmed and dropped", "unroutable: examples.nowhere");
    }

    @BrokerTest
    void consumeMessages(TestBroker broker) throws Exception {
        broker.reserve("examples.media");
        broker.reserve("examples.video");
        assertThat(printed(broker, ConsumeMessages::run))
                .containsExactlyInAnyOrder("received {hello=world}", "received [1, 2]", "both received: true");
        assertThat(bodiesIn(broker, "examples.video")).isEmpty();
    }

    @BrokerTest
    void simpleQueueWork(TestBroker broker) throws Exception {
        broker.reserve("examples.jobs");
        assertThat(printed(broker, SimpleQueueWork::run))
                .containsExactly("Job[name=resize, size=3]", "Job[name=rotate, size=5]");
        assertThat(bodiesIn(broker, "examples.jobs")).isEmpty();
    }

    @BrokerTest
    void producersFromAPool(TestBroker broker) throws Exception {
        broker.reserve("examples.pooled");
        assertThat(printed(broker, ProducersFromAPool::run)).containsExactly("limit 4, in use 0");
        assertThat(bodiesIn(broker, "examples.pooled")).hasSize(20).containsOnly("hello");
    }

    @BrokerTest
    void ensureACall(TestBroker broker) throws Exception {
        broker.reserve("examples.ensured");
        assertThat(printed(broker, EnsureACall::run)).containsExactly("messages: 0", "purged: 0");
    }

    @BrokerTest
    void frameLog(TestBroker broker) throws Exception {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        Logger frames = Logger.getLogger("dev.holdfast.frames");
        Handler handler = new CollectingHandler(lines);
        frames.setUseParentHandlers(false);
        frames.addHandler(handler);
        try {
            assertThat(printed(broker, FrameLog::run)).isEmpty();
            Await.until(
                    "basic.ack in the frame log", () -> lines.stream().anyMatch(line -> line.contains("basic.ack")));
        } finally {
            frames.removeHandler(handler);
            frames.setUseParentHandlers(true);
        }
        assertThat(lines).anyMatch(line -> line.startsWith(">>") && line.contains("basic.publish"));
    }

    private static final class CollectingHandler extends Handler {
        private final Queue<String> lines;

        CollectingHandler(Queue<String> lines) {
            this.lines = lines;
        }

        @Override
        public void publish(LogRecord record) {
            lines.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** Runs the example and returns the lines that it prints. */
    private static List<String> printed(TestBroker broker, Example example) throws Exception {
        PrintStream console = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, UTF_8));
        try {
            example.run(broker.uri());
        } finally {
            System.setOut(console);
        }
        return output.toString(UTF_8).lines().toList();
    }

    /** Gets all messages from a queue and returns their bodies. */
    private static List<String> bodiesIn(TestBroker broker, String queue) {
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            return DeliveryQueue.getAll(channel, queue);
        }
    }
}
