package dev.holdfast;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.RabbitNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every mistake ends in its own exception, which says what to do, in time, and leaves nothing behind. */
class ErrorReportsIT {
    private static final int MAX_MESSAGE = 100_000;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
    private static final RetryPolicy RETRY = RetryPolicy.linear(
                    Duration.ZERO, Duration.ofMillis(50), Duration.ofSeconds(1))
            .maxRetries(20);

    private static @Nullable EmbeddedBroker embedded;
    private static @Nullable RabbitNode rabbit;

    /** The brokers of these tests, each started when it is first asked for. */
    enum Kind {
        /** Names what RabbitMQ calls inequivalent a locked resource, which is worth another try. */
        BROKER_J("405") {
            @Override
            String uri() {
                embedded = embedded == null ? EmbeddedBroker.start() : embedded;
                return embedded.uri();
            }
        },
        RABBITMQ("406") {
            @Override
            String uri() {
                assumeTrue(Brokers.requireRabbit());
                rabbit = rabbit == null ? RabbitNode.start("max_message_size = " + MAX_MESSAGE) : rabbit;
                return rabbit.uri();
            }
        };

        private final String inequivalent;

        Kind(String inequivalent) {
            this.inequivalent = inequivalent;
        }

        abstract String uri();

        ConnectionOptions options() {
            return ConnectionOptions.parse(uri()).connectTimeout(CONNECT_TIMEOUT);
        }
    }

    @AfterAll
    static void stopBrokers() {
        if (embedded != null) {
            embedded.close();
            embedded = null;
        }
        if (rabbit != null) {
            rabbit.close();
            rabbit = null;
        }
    }

    @AfterEach
    void noThreadOfOursIsLeft() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!ourThreads().isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        assertThat(ourThreads()).as("threads left").isEmpty();
    }

    private static List<String> ourThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("holdfast"))
                .toList();
    }

    private static Throwable failureOf(ConnectionOptions options) {
        long start = System.nanoTime();
        Throwable failure = catchThrowable(() -> Connection.open(options));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(CONNECT_TIMEOUT.plusSeconds(5));
        return failure;
    }

    @ParameterizedTest
    @EnumSource
    void wrongPasswordThrowsAuthenticationFailed(Kind broker) {
        assertThat(failureOf(broker.options().credentials("guest", "sesame")))
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("guest")
                .hasMessageNotContaining("sesame");
    }

    @ParameterizedTest
    @EnumSource
    void unknownVirtualHostIsNamed(Kind broker) {
        assertThat(failureOf(broker.options().virtualHost("nowhere")))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("virtual host 'nowhere'")
                .extracting(failure -> ((AmqpException) failure).recoverable())
                .isEqualTo(false);
    }

    @Test
    void refusedConnectionAsksWhetherTheBrokerRuns() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(failureOf(at(port)))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("connection refused")
                .hasMessageContaining("is the broker running");
    }

    private static ConnectionOptions at(int port) {
        return ConnectionOptions.parse("amqp://guest:guest@127.0.0.1:" + port).connectTimeout(CONNECT_TIMEOUT);
    }

    @ParameterizedTest
    @EnumSource
    void tlsToAPlainPortNamesTheSchemeToUse(Kind broker) {
        assertThat(failureOf(broker.options().tls(true)))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("amqp://");
    }

    @Test
    void plainTextToATlsPortNamesTheSchemeToUse(@TempDir Path folder) throws Exception {
        try (ServerSocket tls = tlsContext(folder)
                        .getServerSocketFactory()
                        .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Answering server = new Answering(tls, null)) {
            assertThat(failureOf(at(server.port())))
                    .isInstanceOf(AmqpException.class)
                    .hasMessageContaining("amqps://");
        }
    }

    private static SSLContext tlsContext(Path folder) throws Exception {
        Path file = folder.resolve("server.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.out").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, "secret".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "secret".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void httpServerIsReportedAsNotAmqp() throws Exception {
        byte[] answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);
        try (Answering server = Answering.with(answer)) {
            assertThat(failureOf(at(server.port())))
                    .isInstanceOf(AmqpException.class)
                    .hasMessageContaining(":" + server.port())
                    .hasMessageContaining("AMQP");
        }
    }

    @Test
    void otherAmqpVersionIsNamed() throws Exception {
        try (Answering server = Answering.with(new byte[] {'A', 'M', 'Q', 'P', 0, 1, 0, 0})) {
            assertThat(failureOf(at(server.port())))
                    .isInstanceOf(AmqpException.class)
                    .hasMessageContaining(":" + server.port())
                    .hasMessageContaining("1-0")
                    .hasMessageContaining("0-9-1");
        }
    }

    @Test
    void silentServerFailsAfterConnectTimeout() throws Exception {
        try (Answering server = Answering.with(new byte[0])) {
            long start = System.nanoTime();
            assertThat(failureOf(at(server.port()).connectTimeout(Duration.ofMillis(500))))
                    .isInstanceOf(ConnectFailedException.class)
                    .hasMessageContaining("500 ms")
                    .hasMessageContaining("connectTimeout");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void missingExchangeFailsItsPublishesOnly(Kind broker) throws Exception {
        assertCulprit(broker, new byte[10], PublishOptions.to("missing", "x"), 404, "missing");
    }

    @Test
    void messageOverTheSizeLimitFailsWithTheBrokersReason() throws Exception {
        PublishOptions toQueue = PublishOptions.to("", "large-one");
        assertCulprit(Kind.RABBITMQ, new byte[MAX_MESSAGE + 1], toQueue, 406, String.valueOf(MAX_MESSAGE + 1));
    }

    private static void assertCulprit(Kind broker, byte[] body, PublishOptions bad, int code, String word)
            throws Exception {
        Queue queue = Queue.of("neighbours-" + code);
        try (Connection connection = Connection.open(broker.options())) {
            Channel channel = connection.channel();
            channel.declare(queue);
            Producer producer =
                    connection.producer(p -> p.routingKey(queue.name()).retry(RETRY));
            List<CompletableFuture<Confirmation>> neighbours = new ArrayList<>();
            List<CompletableFuture<Confirmation>> culprits = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                if (i % 50 == 25) {
                    culprits.add(producer.publishAsync(body, bad.retry(RETRY)));
                }
                neighbours.add(producer.publishAsync("n" + i));
            }
            for (CompletableFuture<Confirmation> culprit : culprits) {
                Throwable failure = catchThrowable(() -> culprit.get(30, TimeUnit.SECONDS));
                assertThat(failure).isInstanceOf(ExecutionException.class);
                assertThat(failure.getCause())
                        .isInstanceOf(AmqpChannelException.class)
                        .hasMessageContaining(word)
                        .hasMessageContaining("basic.publish");
                assertThat(((AmqpChannelException) failure.getCause()).replyCode())
                        .isEqualTo(code);
            }
            for (CompletableFuture<Confirmation> neighbour : neighbours) {
                neighbour.get(30, TimeUnit.SECONDS);
            }
            Set<String> arrived = new HashSet<>();
            Optional<Delivery> next = channel.get(queue.name(), true);
            while (next.isPresent()) {
                arrived.add(new String(next.get().body(), UTF_8));
                next = channel.get(queue.name(), true);
            }
            assertThat(arrived).hasSize(200);
            channel.deleteQueue(queue.name());
        }
    }

    @ParameterizedTest
    @EnumSource
    void inequivalentQueueFailsItsPublishesAsNotSent(Kind broker) throws Exception {
        try (Connection connection = Connection.open(broker.options())) {
            Channel channel = connection.channel();
            channel.declare(Queue.of("settled"));
            Queue other = Queue.of("settled").autoDelete(true);
            assertThatThrownBy(() -> channel.declare(other))
                    .isInstanceOf(AmqpChannelException.class)
                    .hasMessageContaining(broker.inequivalent)
                    .hasMessageContaining("settled");
            Producer producer = connection.producer(p -> p.routingKey("settled"));
            for (RetryPolicy policy : List.of(RetryPolicy.none(), RETRY.maxRetries(2))) {
                assertThatThrownBy(() ->
                                producer.publish("body", p -> p.declare(other).retry(policy)))
                        .isInstanceOf(PublishException.class)
                        .hasMessageContaining(broker.inequivalent)
                        .hasMessageContaining("queue.declare")
                        .extracting(failure -> ((PublishException) failure).delivery())
                        .isEqualTo(PublishException.DeliveryStatus.NOT_SENT);
            }
            assertThat(producer.publish("body").attempts()).isEqualTo(1);
            connection.channel().deleteQueue("settled");
        }
    }

    @ParameterizedTest
    @EnumSource
    void longRoutingKeyAndUnserializableBodyAreNeverSent(Kind broker) throws Exception {
        try (Connection connection = Connection.open(broker.options())) {
            Producer producer = connection.producer();
            assertThatThrownBy(() -> producer.publish("body", p -> p.routingKey("k".repeat(300))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("300")
                    .hasMessageContaining("255");
            List<Object> endless = new ArrayList<>();
            endless.add(endless);
            for (Object body : List.of(new Object(), Map.of("x", endless))) {
                assertThatThrownBy(() -> producer.publish(body, p -> p.routingKey("k")))
                        .isInstanceOf(SerializationException.class)
                        .hasMessageContaining("json");
            }
        }
    }

    /** A server that reads, answers once and then says nothing more. */
    private static final class Answering implements AutoCloseable {
        private final ServerSocket listener;
        private final byte @Nullable [] answer;
        private final List<Socket> sockets = new ArrayList<>();

        Answering(ServerSocket listener, byte @Nullable [] answer) {
            this.listener = listener;
            this.answer = answer;
            Thread thread = new Thread(this::serve, "answering");
            thread.setDaemon(true);
            thread.start();
        }

        static Answering with(byte[] answer) throws IOException {
            return new Answering(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()), answer);
        }

        int port() {
            return listener.getLocalPort();
        }

        private void serve() {
            try {
                while (true) {
                    Socket socket = listener.accept();
                    synchronized (sockets) {
                        sockets.add(socket);
                    }
                    int first = socket.getInputStream().read();
                    if (first >= 0 && answer != null) {
                        socket.getOutputStream().write(answer);
                    }
                }
            } catch (IOException e) {
                // closed, or spoken to in the wrong language
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
            synchronized (sockets) {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        }
    }
}
