package dev.holdfast.testkit;

import static dev.holdfast.testkit.FaultProxy.Direction.TO_BROKER;
import static dev.holdfast.testkit.FaultProxy.Direction.TO_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    /** How long a test reads from a stalled connection before it concludes that no byte arrives. */
    private static final int QUIET_MILLIS = 200;

    private Target target;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        target = new Target();
        proxy = FaultProxy.to(target.port());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        target.close();
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    @Test
    void bytesAreForwardedAndCountedInBothDirections() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            client.getOutputStream().write(new byte[] {1, 2, 3});
            assertThat(broker.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
            broker.getOutputStream().write(new byte[] {4, 5});
            assertThat(client.getInputStream().readNBytes(2)).containsExactly(4, 5);

            assertThat(proxy.acceptedConnections()).isEqualTo(1);
            assertThat(proxy.currentConnections()).isEqualTo(1);
            assertThat(proxy.bytes(TO_BROKER)).isEqualTo(3);
            assertThat(proxy.bytes(TO_CLIENT)).isEqualTo(2);
        }
    }

    @Test
    void halfCloseIsForwardedAndTheOtherDirectionStaysOpen() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            client.shutdownOutput();
            assertThat(broker.getInputStream().read()).isEqualTo(-1);
            broker.getOutputStream().write(9);
            assertThat(client.getInputStream().read()).isEqualTo(9);
            broker.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void cutAfterLimitsBytesToTheBroker() throws Exception {
        proxy.cutAfter(TO_BROKER, 5);
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            client.getOutputStream().write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

            assertThat(readAll(broker)).containsExactly(1, 2, 3, 4, 5);
            assertThat(readAll(client)).isEmpty();
            assertThat(proxy.bytes(TO_BROKER)).isEqualTo(5);
        }
    }

    @Test
    void cutAfterAppliesToOneConnection() throws Exception {
        proxy.cutAfter(TO_CLIENT, 2);
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            broker.getOutputStream().write(new byte[] {1, 2, 3});
            assertThat(readAll(client)).containsExactly(1, 2);
        }
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            broker.getOutputStream().write(new byte[] {1, 2, 3});
            assertThat(client.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void cutAfterZeroForwardsNoByte() throws Exception {
        proxy.cutAfter(TO_BROKER, 0);
        try (Socket client = connect(proxy.port())) {
            assertThat(readAll(client)).isEmpty();
        }
        assertThat(proxy.bytes(TO_BROKER)).isZero();
    }

    @Test
    void cutNowClosesAllConnections() throws Exception {
        try (Socket first = connect(proxy.port());
                Socket firstBroker = target.accept();
                Socket second = connect(proxy.port());
                Socket secondBroker = target.accept()) {
            assertForwards(first, firstBroker);
            assertForwards(second, secondBroker);

            proxy.cutNow();

            assertThat(readAll(first)).isEmpty();
            assertThat(readAll(secondBroker)).isEmpty();
            assertThat(readAll(second)).isEmpty();
            assertThat(proxy.currentConnections()).isZero();
        }
    }

    @Test
    void stallBlocksOneDirectionUntilResume() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            assertForwards(client, broker);
            proxy.stall(TO_BROKER);
            client.getOutputStream().write(7);

            broker.setSoTimeout(QUIET_MILLIS);
            assertThatExceptionOfType(SocketTimeoutException.class)
                    .isThrownBy(() -> broker.getInputStream().read());
            broker.getOutputStream().write(8);
            assertThat(client.getInputStream().read()).isEqualTo(8);

            proxy.resume(TO_BROKER);
            broker.setSoTimeout(TIMEOUT_MILLIS);
            assertThat(broker.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void stalledConnectionCanBeCut() throws Exception {
        proxy.stall(TO_BROKER);
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            client.getOutputStream().write(new byte[1000]);
            broker.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);

            proxy.cutNow();

            assertThat(readAll(broker)).isEmpty();
        }
    }

    @Test
    void throttleLimitsTheRateUntilRemoved() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            proxy.throttle(20_000);
            long started = System.nanoTime();
            client.getOutputStream().write(new byte[10_000]);
            assertThat(broker.getInputStream().readNBytes(10_000)).hasSize(10_000);
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started))
                    .isGreaterThanOrEqualTo(400);

            proxy.throttle(1);
            client.getOutputStream().write(new byte[10_000]);
            assertThat(broker.getInputStream().read()).isZero();
            proxy.throttle(0);
            assertThat(broker.getInputStream().readNBytes(9_999)).hasSize(9_999);
        }
    }

    @Test
    void resetNowResetsBothSockets() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            assertForwards(client, broker);
            proxy.resetNow();
            for (Socket side : List.of(client, broker)) {
                assertThatExceptionOfType(SocketException.class)
                        .isThrownBy(() -> side.getInputStream().read())
                        .withMessageContaining("reset");
            }
            assertThat(proxy.currentConnections()).isZero();
        }
    }

    @Test
    void halfCloseToTheBrokerDiscardsLaterBytes() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            assertForwards(client, broker);
            proxy.halfClose(TO_BROKER);
            assertThat(broker.getInputStream().read()).isEqualTo(-1);
            client.getOutputStream().write(new byte[1 << 20]);
            broker.getOutputStream().write(5);
            assertThat(client.getInputStream().read()).isEqualTo(5);
            assertThat(proxy.bytes(TO_BROKER)).isEqualTo(1);
            broker.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void halfCloseOfBothDirectionsEndsTheConnection() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            assertForwards(client, broker);
            proxy.halfClose(TO_CLIENT);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertForwards(client, broker);
            proxy.halfClose(TO_CLIENT);
            assertForwards(client, broker);
            proxy.halfClose(TO_BROKER);
            assertThat(broker.getInputStream().read()).isEqualTo(-1);
            assertThat(proxy.currentConnections()).isZero();
        }
    }

    @Test
    void splitWritesEveryByteSeparately() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            proxy.split(true);
            proxy.throttle(20); // 20 writes a second: no read returns two of them
            client.getOutputStream().write(new byte[] {1, 2, 3});
            byte[] buffer = new byte[10];
            for (int i = 1; i <= 3; i++) {
                assertThat(broker.getInputStream().read(buffer)).isEqualTo(1);
                assertThat(buffer[0]).isEqualTo((byte) i);
            }
        }
    }

    @Test
    void endOfSplitLosesNoByte() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            proxy.split(true);
            byte[] payload = new byte[50_000];
            new Random(7).nextBytes(payload);
            client.getOutputStream().write(payload);
            proxy.split(false);
            assertThat(broker.getInputStream().readNBytes(payload.length)).isEqualTo(payload);
        }
    }

    @Test
    void corruptChangesOneByteOfOneConnection() throws Exception {
        proxy.corrupt(TO_CLIENT, 3, 0x81);
        for (int expected : new int[] {0x85, 0x04}) {
            try (Socket client = connect(proxy.port());
                    Socket broker = target.accept()) {
                broker.getOutputStream().write(new byte[] {1, 2});
                assertThat(client.getInputStream().readNBytes(2)).containsExactly(1, 2);
                broker.getOutputStream().write(new byte[] {3, 4, 5});
                assertThat(client.getInputStream().readNBytes(3)).containsExactly(3, (byte) expected, 5);
            }
        }
    }

    @Test
    void delayHoldsBytesUntilRemoved() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            proxy.delay(TO_BROKER, Duration.ofMillis(QUIET_MILLIS));
            long started = System.nanoTime();
            assertForwards(client, broker);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThan(Duration.ofMillis(QUIET_MILLIS));

            proxy.delay(TO_BROKER, Duration.ofDays(1));
            client.getOutputStream().write(6);
            broker.getOutputStream().write(7);
            assertThat(client.getInputStream().read()).isEqualTo(7);
            proxy.delay(TO_BROKER, Duration.ZERO);
            assertThat(broker.getInputStream().read()).isEqualTo(6);
        }
    }

    @Test
    void refuseClosesNewConnectionsOnly() throws Exception {
        try (Socket first = connect(proxy.port());
                Socket broker = target.accept()) {
            assertForwards(first, broker);
            proxy.refuse(true);
            try (Socket refused = connect(proxy.port())) {
                assertThat(readAll(refused)).isEmpty();
            }
            assertForwards(first, broker);
            assertThat(proxy.acceptedConnections()).isEqualTo(2);

            proxy.refuse(false);
            try (Socket second = connect(proxy.port());
                    Socket secondBroker = target.accept()) {
                assertForwards(second, secondBroker);
            }
        }
    }

    @Test
    void retargetAppliesToNewConnections() throws Exception {
        try (Target other = new Target()) {
            proxy.retarget(other.port());
            try (Socket client = connect(proxy.port());
                    Socket broker = other.accept()) {
                assertForwards(client, broker);
            }
        }
    }

    @Test
    void unreachableTargetClosesTheClient() throws Exception {
        target.close();
        try (Socket client = connect(proxy.port())) {
            assertThat(readAll(client)).isEmpty();
        }
    }

    @Test
    void closeStopsListeningAndCutsConnections() throws Exception {
        try (Socket client = connect(proxy.port());
                Socket broker = target.accept()) {
            assertForwards(client, broker);
            proxy.close();
            assertThat(readAll(client)).isEmpty();
            assertThatIOException().isThrownBy(() -> connect(proxy.port()).close());
        }
    }

    @Test
    void uriPointsToTheProxy() {
        String proxyAddress = "127.0.0.1:" + proxy.port();
        assertThat(proxy.uri("amqp://guest:guest@127.0.0.1:5672/"))
                .isEqualTo("amqp://guest:guest@" + proxyAddress + "/");
        assertThat(proxy.uri("amqps://host:5671/%2Fv?heartbeat=5"))
                .isEqualTo("amqps://" + proxyAddress + "/%2Fv?heartbeat=5");
        assertThat(proxy.uri("amqp://host")).isEqualTo("amqp://" + proxyAddress);
    }

    @Test
    void negativeArgumentsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> proxy.throttle(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> proxy.cutAfter(TO_CLIENT, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> proxy.corrupt(TO_CLIENT, -1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> proxy.corrupt(TO_CLIENT, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> proxy.delay(TO_CLIENT, Duration.ofNanos(-1)));
    }

    @Test
    void amqpConnectionIsForwardedUntilItIsCut() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_READ)) {
            proxy.retarget(broker.port());
            ConnectionFactory factory = new ConnectionFactory();
            factory.setUri(proxy.uri(broker.uri()));
            factory.setAutomaticRecoveryEnabled(false);
            Connection connection = factory.newConnection();
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            for (int i = 0; i < 1000; i++) {
                channel.basicPublish("", "q", null, new byte[1000]);
            }
            channel.waitForConfirmsOrDie(TIMEOUT_MILLIS);
            assertThat(proxy.bytes(TO_BROKER)).isGreaterThan(1_000_000);

            BlockingQueue<Boolean> shutdowns = new LinkedBlockingQueue<>();
            connection.addShutdownListener(cause -> shutdowns.add(true));
            proxy.cutNow();
            assertThat(shutdowns.poll(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        }
    }

    private static void assertForwards(Socket client, Socket broker) throws IOException {
        client.getOutputStream().write(42);
        assertThat(broker.getInputStream().read()).isEqualTo(42);
    }

    /** Reads all bytes until the connection ends, by a FIN or by a reset. */
    private static byte[] readAll(Socket socket) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        try {
            for (int octet = in.read(); octet >= 0; octet = in.read()) {
                bytes.write(octet);
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // A reset: the bytes before it count.
        }
        return bytes.toByteArray();
    }

    private static final class Target implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());

        Target() throws IOException {
            listener.setSoTimeout(TIMEOUT_MILLIS);
        }

        int port() {
            return listener.getLocalPort();
        }

        Socket accept() throws IOException {
            Socket socket = listener.accept();
            socket.setSoTimeout(TIMEOUT_MILLIS);
            return socket;
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
