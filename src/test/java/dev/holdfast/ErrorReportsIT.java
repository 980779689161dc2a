package dev.holdfast;

import static dev.holdfast.testing.TestBroker.MAX_MESSAGE_SIZE;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.Certificates;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.Feature;
import dev.holdfast.testing.PublishOutcomes;
import dev.holdfast.testing.TestBroker;
import dev.holdfast.testing.TlsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Each mistake of a user or of a server ends, within its timeout, in an exception of its own type whose message
 * says what to correct. No thread of the library stays behind.
 */
class ErrorReportsIT {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
    private static final long OPEN_LIMIT_SECONDS = 60;
    private static final RetryPolicy RETRY = RetryPolicy.linear(
                    Duration.ZERO, Duration.ofMillis(50), Duration.ofSeconds(1))
            .maxRetries(20);

    @AfterEach
    void assertNoLibraryThreadIsLeft() throws Exception {
        Await.until(
                "the end of all threads of the library", () -> libraryThreads().isEmpty());
    }

    private static List<String> libraryThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("holdfast"))
                .toList();
    }

    private static ConnectionOptions to(TestBroker broker) {
        return broker.options().connectTimeout(CONNECT_TIMEOUT);
    }

    private static ConnectionOptions to(int port) {
        return ConnectionOptions.parse("amqp://guest:guest@127.0.0.1:" + port + "/")
                .connectTimeout(CONNECT_TIMEOUT);
    }

    /** Opens a connection, which must fail, and returns the failure. */
    private static Throwable openFailure(ConnectionOptions options) throws Exception {
        return CompletableFuture.supplyAsync(() -> catchThrowable(() -> Connection.open(options)))
                .get(OPEN_LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @BrokerTest
    void wrongPasswordThrowsAuthenticationFailed(TestBroker broker) throws Exception {
        assertThat(openFailure(to(broker).credentials("guest", "sesame")))
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("guest")
                .hasMessageNotContaining("sesame");
    }

    @BrokerTest
    void unknownVirtualHostIsNamed(TestBroker broker) throws Exception {
        assertThat(openFailure(to(broker).virtualHost("nowhere")))
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
        assertThat(openFailure(to(port)))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("connection refused")
                .hasMessageContaining("is the broker running");
    }

    @BrokerTest
    void tlsToAPlainPortNamesTheSchemeToUse(TestBroker broker) throws Exception {
        assertThat(openFailure(to(broker).tls(true)))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("amqp://");
    }

    @Test
    void plainTextToATlsPortNamesTheSchemeToUse() throws Exception {
        try (TlsServer server = new TlsServer(Certificates.selfSigned())) {
            assertThat(openFailure(to(server.port())))
                    .isInstanceOf(AmqpException.class)
                    .hasMessageContaining("amqps://");
        }
    }

    @Test
    void httpServerIsReportedAsNotAmqp() throws Exception {
        byte[] response =
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);
        try (RespondingServer server = new RespondingServer(response)) {
            assertThat(openFailure(to(server.port())))
                    .isInstanceOf(AmqpException.class)
                    .hasMessageContaining(":" + server.port())
                    .hasMessageContaining("AMQP");
        }
    }

    @Test
    void otherAmqpVersionIsNamed() throws Exception {
        try (RespondingServer server = new RespondingServer(new byte[] {'A', 'M', 'Q', 'P', 0, 1, 0, 0})) {
            assertThat(openFailure(to(server.port())))
                    .isInstanceOf(AmqpException.class)
                    .hasMessageContaining(":" + server.port())
                    .hasMessageContaining("1-0")
                    .hasMessageContaining("0-9-1");
        }
    }

    @Test
    void silentServerFailsAfterConnectTimeout() throws Exception {
        try (RespondingServer server = new RespondingServer()) {
            assertThat(openFailure(to(server.port()).connectTimeout(Duration.ofMillis(500))))
                    .isInstanceOf(ConnectFailedException.class)
                    .hasMessageContaining("500 ms")
                    .hasMessageContaining("connectTimeout");
        }
    }

    @BrokerTest
    void missingExchangeFailsItsPublishesOnly(TestBroker broker) throws Exception {
        assertOnlyBadPublishesFail(broker, new byte[10], PublishOptions.to("missing", "x"), 404, "missing");
    }

    /** Broker-J closes the channel with 311, and its reason names no method. */
    @BrokerTest(needs = Feature.QUEUE_ARGUMENTS)
    void messageOverTheSizeLimitFailsWithTheBrokersReason(TestBroker broker) throws Exception {
        PublishOptions toQueue = PublishOptions.to("", "large-one");
        assertOnlyBadPublishesFail(
                broker, new byte[MAX_MESSAGE_SIZE + 1], toQueue, 406, String.valueOf(MAX_MESSAGE_SIZE + 1));
    }

    /** Publishes four bad messages among 200 good ones. */
    private static void assertOnlyBadPublishesFail(
            TestBroker broker, byte[] badBody, PublishOptions badOptions, int code, String word) throws Exception {
        Queue queue = Queue.of(broker.unique("neighbours-" + code));
        try (Connection connection = Connection.open(to(broker))) {
            Channel channel = connection.channel();
            channel.declare(queue);
            Producer producer =
                    connection.producer(p -> p.routingKey(queue.name()).retry(RETRY));
            List<CompletableFuture<Confirmation>> good = new ArrayList<>();
            List<CompletableFuture<Confirmation>> bad = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                if (i % 50 == 25) {
                    bad.add(producer.publishAsync(badBody, badOptions.retry(RETRY)));
                }
                good.add(producer.publishAsync("message " + i));
            }
            assertThat(bad)
                    .map(PublishOutcomes::failure)
                    .allSatisfy(failure -> assertThat(failure)
                            .isInstanceOfSatisfying(
                                    AmqpChannelException.class,
                                    refused -> assertThat(refused.replyCode()).isEqualTo(code))
                            .hasMessageContaining(word)
                            .hasMessageContaining("basic.publish"));
            assertThat(good).map(PublishOutcomes::failure).containsOnlyNulls();
            assertThat(new HashSet<>(DeliveryQueue.getAll(channel, queue.name())))
                    .hasSize(200);
        }
    }

    @BrokerTest
    void inequivalentQueueFailsItsPublishesAsNotSent(TestBroker broker) throws Exception {
        // Broker-J answers RESOURCE_LOCKED, which is recoverable, where RabbitMQ answers PRECONDITION_FAILED.
        String code = broker.isRabbit() ? "406" : "405";
        String name = broker.unique("existing-queue");
        try (Connection connection = Connection.open(to(broker))) {
            Channel channel = connection.channel();
            channel.declare(Queue.of(name));
            Queue inequivalent = Queue.of(name).autoDelete(true);
            assertThatThrownBy(() -> channel.declare(inequivalent))
                    .isInstanceOf(AmqpChannelException.class)
                    .hasMessageContaining(code)
                    .hasMessageContaining(name);
            Producer producer = connection.producer(p -> p.routingKey(name));
            for (RetryPolicy policy : List.of(RetryPolicy.none(), RETRY.maxRetries(2))) {
                assertThatThrownBy(() -> producer.publish(
                                "body", p -> p.declare(inequivalent).retry(policy)))
                        .isInstanceOf(PublishException.class)
                        .hasMessageContaining(code)
                        .hasMessageContaining("queue.declare")
                        .extracting(failure -> ((PublishException) failure).delivery())
                        .isEqualTo(PublishException.DeliveryStatus.NOT_SENT);
            }
            assertThat(producer.publish("body").attempts()).isEqualTo(1);
        }
    }

    @BrokerTest
    void longRoutingKeyAndUnserializableBodyAreNeverSent(TestBroker broker) throws Exception {
        try (Connection connection = Connection.open(to(broker))) {
            Producer producer = connection.producer();
            assertThatThrownBy(() -> producer.publish("body", p -> p.routingKey("k".repeat(300))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("300")
                    .hasMessageContaining("255");
            List<Object> cyclic = new ArrayList<>();
            cyclic.add(cyclic);
            for (Object body : List.of(new Object(), Map.of("x", cyclic))) {
                assertThatThrownBy(() -> producer.publish(body, p -> p.routingKey("k")))
                        .isInstanceOf(SerializationException.class)
                        .hasMessageContaining("json");
            }
        }
    }

    /** A server that reads one byte of each connection, writes a fixed response and then stays silent. */
    private static final class RespondingServer implements AutoCloseable {
        private final ServerSocket listener;
        private final byte[] response;
        private final List<Socket> sockets = new ArrayList<>();

        RespondingServer(byte... response) throws IOException {
            this.listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            this.response = response;
            Thread thread = new Thread(this::serve, "responding-server");
            thread.setDaemon(true);
            thread.start();
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
                    if (socket.getInputStream().read() >= 0) {
                        socket.getOutputStream().write(response);
                    }
                }
            } catch (IOException e) {
                // the test closed the server or the client its socket
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
