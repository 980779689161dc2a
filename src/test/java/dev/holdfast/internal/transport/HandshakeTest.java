package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ReplyCode;
import dev.holdfast.TlsFailedException;
import dev.holdfast.Transport;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.wire.LongString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final Map<String, Object> NO_CAPABILITIES = Map.of();
    private static final Map<String, Object> REPORTS_REFUSAL =
            Map.of("capabilities", Map.of("authentication_failure_close", true));
    private static EventLoopGroup group;

    private final ConnectionOptions options =
            ConnectionOptions.defaults().credentials("me", "hunter2").connectTimeout(Duration.ofSeconds(10));

    @BeforeAll
    static void startLoop() {
        group = NettyTransport.of(Transport.NIO).newGroup("handshake-test");
    }

    @AfterAll
    static void stopLoop() throws InterruptedException {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    @Test
    void handshakeNegotiatesParametersAndSendsClientProperties() throws Exception {
        AtomicReference<ConnectionMethods.StartOk> startOk = new AtomicReference<>();
        AtomicReference<ConnectionMethods.TuneOk> tuneOk = new AtomicReference<>();
        AtomicReference<ConnectionMethods.Open> open = new AtomicReference<>();
        try (ScriptedServer server = new ScriptedServer(peer -> {
            peer.start(REPORTS_REFUSAL, "AMQPLAIN PLAIN");
            startOk.set(peer.expect(ConnectionMethods.StartOk.class));
            peer.tune(100, 0, 7);
            tuneOk.set(peer.expect(ConnectionMethods.TuneOk.class));
            open.set(peer.expect(ConnectionMethods.Open.class));
            peer.send(0, ConnectionMethods.OpenOk.INSTANCE).awaitClose();
        })) {
            Link link = connect(
                    server,
                    options.virtualHost("shop")
                            .connectionName("till")
                            .clientProperties(Map.of("product", "Mine", "extra", 1)));
            assertThat(link.channelMax()).isEqualTo(100);
            assertThat(link.frameMax()).isEqualTo(131072);
            assertThat(link.heartbeatSeconds()).isEqualTo(7);
            assertThat(link.serverProperties()).isEqualTo(REPORTS_REFUSAL);
            link.abort(new ConnectFailedException("over", null, false));
            server.awaitEnd();
        }
        assertThat(startOk.get().response()).isEqualTo(LongString.of("\0me\0hunter2"));
        assertThat(startOk.get().mechanism()).isEqualTo("PLAIN");
        assertThat(startOk.get().locale()).isEqualTo("en_US");
        assertThat(startOk.get().clientProperties())
                .containsEntry("product", "Mine")
                .containsEntry("extra", 1)
                .containsEntry("connection_name", "till")
                .containsKeys("version", "platform", "information");
        assertThat((Map<?, ?>) startOk.get().clientProperties().get("capabilities"))
                .hasSize(6)
                .allSatisfy((name, on) -> assertThat(on).isEqualTo(true));
        assertThat(tuneOk.get()).isEqualTo(new ConnectionMethods.TuneOk(100, 131072, 7));
        assertThat(open.get()).isEqualTo(new ConnectionMethods.Open("shop"));
    }

    @Test
    void lowerLimitsOfTheOptionsAreNegotiated() throws Exception {
        AtomicReference<ConnectionMethods.TuneOk> tuneOk = new AtomicReference<>();
        try (ScriptedServer server = new ScriptedServer(peer -> {
            peer.start(NO_CAPABILITIES, "PLAIN").expect(ConnectionMethods.StartOk.class);
            peer.tune(100, 131072, 0);
            tuneOk.set(peer.expect(ConnectionMethods.TuneOk.class));
            peer.expect(ConnectionMethods.Open.class);
            peer.send(0, ConnectionMethods.OpenOk.INSTANCE).awaitClose();
        })) {
            Link link = connect(server, options.channelMax(7).frameMax(8192));
            assertThat(link.channelMax()).isEqualTo(7);
            assertThat(link.frameMax()).isEqualTo(8192);
            link.abort(new ConnectFailedException("over", null, false));
            server.awaitEnd();
        }
        assertThat(tuneOk.get().channelMax()).isEqualTo(7);
        assertThat(tuneOk.get().frameMax()).isEqualTo(8192);
    }

    @Test
    void secondChallengeIsRejected() throws Exception {
        refused(options, peer -> {
                    peer.start(NO_CAPABILITIES, "PLAIN").expect(ConnectionMethods.StartOk.class);
                    peer.send(0, new ConnectionMethods.Secure(LongString.of("again?")));
                    assertThat(peer.expect(ConnectionMethods.SecureOk.class).response())
                            .isEqualTo(LongString.of("\0me\0hunter2"));
                    peer.send(0, new ConnectionMethods.Secure(LongString.of("and again?")))
                            .awaitClose();
                })
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("one step");
    }

    @Test
    void amqplainAndExternalResponsesAreEncoded() {
        assertThat(Sasl.response("AMQPLAIN", options.credentials().get()).toString())
                .isEqualTo("\5LOGINS\0\0\0\2me\10PASSWORDS\0\0\0\7hunter2");
        assertThat(Sasl.response("EXTERNAL", null).length()).isZero();
    }

    @Test
    void unsupportedMechanismIsReportedWithTheOfferedOnes() throws Exception {
        refused(options, peer -> peer.start(NO_CAPABILITIES, "EXTERNAL GSSAPI").awaitClose())
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("PLAIN")
                .hasMessageContaining("EXTERNAL GSSAPI");
    }

    @Test
    void refusedLoginQuotesTheBroker() throws Exception {
        refused(options, peer -> {
                    peer.start(REPORTS_REFUSAL, "PLAIN").expect(ConnectionMethods.StartOk.class);
                    peer.send(0, new ConnectionMethods.Close(403, "ACCESS_REFUSED - Login was refused", 0, 0));
                    peer.expect(ConnectionMethods.CloseOk.class);
                })
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageMatching(
                        "login of user 'me' refused by 127.0.0.1:\\d+: 403 ACCESS_REFUSED - Login was refused")
                .extracting(e -> ((AuthenticationFailedException) e).replyCode())
                .isEqualTo(403);
    }

    @Test
    void closedSocketDuringTheLoginIsARefusalUnlessTheBrokerReportsRefusals() throws Exception {
        refused(options, peer -> peer.start(NO_CAPABILITIES, "PLAIN").expect(ConnectionMethods.StartOk.class))
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("check user name, password");
        assertRecoverable(
                refused(options, peer -> peer.start(REPORTS_REFUSAL, "PLAIN").expect(ConnectionMethods.StartOk.class))
                        .isInstanceOf(ConnectFailedException.class),
                true);
    }

    @Test
    void unknownVirtualHostQuotesTheBroker() throws Exception {
        assertRecoverable(
                refused(
                                options.virtualHost("nope"),
                                peer -> refuseOpen(peer, 530, "NOT_ALLOWED - vhost nope not found"))
                        .isInstanceOf(AmqpConnectionException.class)
                        .hasMessageMatching("virtual host 'nope' not opened by 127.0.0.1:\\d+: "
                                + "530 NOT_ALLOWED - vhost nope not found"),
                false);
        assertRecoverable(refused(options, peer -> refuseOpen(peer, 320, "CONNECTION_FORCED - shutdown")), true);
    }

    @Test
    void otherProtocolVersionIsReported() throws Exception {
        refused(options, peer -> peer.readHeader().sendBytes('A', 'M', 'Q', 'P', 0, 1, 0, 0))
                .isInstanceOf(AmqpProtocolException.class)
                .hasMessageMatching("AMQP version of 127.0.0.1:\\d+: 1-0-0, protocol id 0 \\(expected: 0-9-1\\)");
    }

    @Test
    void peerThatIsNoBrokerIsReportedWithItsAnswer() throws Exception {
        refused(
                        options,
                        peer -> peer.readHeader()
                                .sendBytes("HTTP/1.1 400 Bad Request\r\n\r\n"
                                        .chars()
                                        .toArray())
                                .awaitClose())
                .isInstanceOf(AmqpProtocolException.class)
                .hasMessageContaining("is not an AMQP 0-9-1 broker: it answers 'HTTP/1.1");
        refused(options, peer -> peer.readHeader().sendBytes('n', 'o'))
                .isInstanceOf(AmqpProtocolException.class)
                .hasMessageContaining("it answers 'no'");
    }

    @Test
    void portThatSpeaksTlsIsReported() throws Exception {
        refused(
                        options,
                        peer -> peer.readHeader()
                                .sendBytes(0x15, 3, 3, 0, 2, 2, 10)
                                .awaitClose())
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("amqps://");
    }

    @Test
    void portThatDoesNotSpeakTlsIsReported() throws Exception {
        // RabbitMQ 3, RabbitMQ 4 (whose fifth byte is the version of SSL 2), less than a record, another protocol.
        assertPlainPort('A', 'M', 'Q', 'P', 0, 0, 9, 1);
        assertPlainPort('A', 'M', 'Q', 'P', 3, 1, 0, 0);
        assertPlainPort('A', 'M', 'Q', 'P');
        assertPlainPort("220 smtp ready\r\n".chars().toArray());
        refused(options.tls(true), peer -> {})
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("TLS");
    }

    private void assertPlainPort(int... answer) throws Exception {
        refused(options.tls(true), peer -> peer.readByte().sendBytes(answer).awaitClose())
                .isInstanceOfSatisfying(
                        TlsFailedException.class,
                        e -> assertThat(e.reason()).isEqualTo(TlsFailedException.Reason.PLAIN_PORT))
                .matches(e -> !((TlsFailedException) e).recoverable())
                .hasMessageContaining("does not speak TLS")
                .hasMessageContaining("amqp://");
    }

    @Test
    void timeoutNamesTheExpectedAnswer() throws Exception {
        assertRecoverable(
                timedOut(options, ScriptedServer.Peer::readHeader)
                        .hasMessageContaining("within 10000 ms: still waiting for connection.start"),
                true);
        timedOut(options, peer -> peer.start(REPORTS_REFUSAL, "PLAIN").expect(ConnectionMethods.StartOk.class))
                .hasMessageContaining("still waiting for connection.tune");
        timedOut(options.tls(true), ScriptedServer.Peer::readByte)
                .hasMessageContaining("still waiting for the TLS handshake");
    }

    /** connectTimeout limits the complete connect. */
    @Test
    void bytesFromTheServerDoNotExtendTheTimeout() throws Exception {
        timedOut(options, peer -> {
                    peer.startSlowly(REPORTS_REFUSAL, "PLAIN").expect(ConnectionMethods.StartOk.class);
                })
                .hasMessageContaining("still waiting for connection.tune");
    }

    @Test
    void tooSmallFrameMaxAndUnexpectedMethodsAreRejected() throws Exception {
        refused(options, peer -> {
                    peer.start(NO_CAPABILITIES, "PLAIN").expect(ConnectionMethods.StartOk.class);
                    peer.tune(0, 4095, 0).awaitClose();
                })
                .isInstanceOf(AmqpProtocolException.class)
                .hasMessageContaining("frame_max of the broker: 4095 (expected: 0 or >= 4096)");
        refused(
                        options,
                        peer -> peer.readHeader()
                                .send(0, ConnectionMethods.OpenOk.INSTANCE)
                                .awaitClose())
                .isInstanceOf(AmqpProtocolException.class)
                .hasMessageContaining("connection.open-ok (expected: connection.start)")
                .extracting(e -> ((AmqpProtocolException) e).replyCode())
                .isEqualTo(ReplyCode.COMMAND_INVALID);
        refused(
                        options,
                        peer -> peer.readHeader().sendBytes(1, 0, 0, 0, 2, 0, 1).awaitClose())
                .isInstanceOf(AmqpProtocolException.class)
                .hasMessageContaining("frame size");
    }

    /** Before tune the specification guarantees 4096 bytes; RabbitMQ 4.1 takes 8192. */
    @Test
    void loginLargerThanTheGuaranteedFrameIsSent() throws Exception {
        String token = "t".repeat(7900);
        AtomicReference<ConnectionMethods.StartOk> login = new AtomicReference<>();
        refused(options.credentials("me", token), peer -> {
                    peer.start(REPORTS_REFUSAL, "PLAIN");
                    login.set(peer.expect(ConnectionMethods.StartOk.class));
                    peer.send(0, new ConnectionMethods.Close(403, "ACCESS_REFUSED - expired", 0, 0));
                    peer.expect(ConnectionMethods.CloseOk.class);
                })
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("403 ACCESS_REFUSED - expired");
        assertThat(login.get().response()).isEqualTo(LongString.of("\0me\0" + token));
        ByteBuf frame = Unpooled.buffer();
        FrameFormat.writeMethod(frame, 0, login.get());
        assertThat(frame.readableBytes()).isLessThanOrEqualTo(8192);
    }

    @Test
    void closedSocketAfterALargeLoginNamesItsSize() throws Exception {
        refused(
                        options.credentials("me", "t".repeat(4096)),
                        peer -> peer.start(REPORTS_REFUSAL, "PLAIN").expect(ConnectionMethods.StartOk.class))
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageMatching(".*start-ok has 4[3-5]\\d\\d bytes, 4100 of them credentials.*initial_frame_max.*");
    }

    @Test
    void clientPropertiesLargerThanAnyFrameAreRejected() throws Exception {
        ConnectionOptions large = options.clientProperties(Map.of("story", "x".repeat(1 << 17)));
        refused(large, peer -> peer.start(NO_CAPABILITIES, "PLAIN").awaitClose())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("clientProperties");
    }

    @Test
    void closedSocketAfterASmallFrameMaxNamesIt() throws Exception {
        refused(options.frameMax(4096), peer -> {
                    peer.start(REPORTS_REFUSAL, "PLAIN").expect(ConnectionMethods.StartOk.class);
                    peer.tune(0, 131_072, 0).expect(ConnectionMethods.TuneOk.class);
                    peer.expect(ConnectionMethods.Open.class);
                })
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("frameMax: 4096, which may be below the broker's minimum")
                .hasMessageContaining("RabbitMQ 4 requires 8192");
    }

    @Test
    void refusedPortIsReported() throws Exception {
        int unusedPort;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unusedPort = socket.getLocalPort();
        }
        assertRecoverable(
                failure(new Address("127.0.0.1", unusedPort), options)
                        .isInstanceOf(ConnectFailedException.class)
                        .hasMessageContaining("connection refused: 127.0.0.1:" + unusedPort),
                true);
    }

    private static void refuseOpen(ScriptedServer.Peer peer, int code, String text) throws IOException {
        peer.start(REPORTS_REFUSAL, "PLAIN").expect(ConnectionMethods.StartOk.class);
        peer.tune(0, 0, 0).expect(ConnectionMethods.TuneOk.class);
        peer.expect(ConnectionMethods.Open.class);
        peer.send(0, new ConnectionMethods.Close(code, text, 10, 40)).expect(ConnectionMethods.CloseOk.class);
    }

    /** The server plays its script, then connectTimeout expires. */
    private static AbstractThrowableAssert<?, ? extends Throwable> timedOut(
            ConnectionOptions options, ScriptedServer.Script script) throws Exception {
        ManualTimerLoop timerLoop = new ManualTimerLoop(group.next());
        try (ScriptedServer server = new ScriptedServer(peer -> {
            script.play(peer);
            timerLoop.fire(options.connectTimeout());
            peer.awaitClose();
        })) {
            AbstractThrowableAssert<?, ? extends Throwable> failure =
                    failure(timerLoop.loop(), server.address(), options).isInstanceOf(ConnectFailedException.class);
            server.awaitEnd();
            return failure;
        }
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(
            ConnectionOptions options, ScriptedServer.Script script) throws Exception {
        try (ScriptedServer server = new ScriptedServer(script)) {
            AbstractThrowableAssert<?, ? extends Throwable> failure = failure(server.address(), options);
            server.awaitEnd();
            return failure;
        }
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> failure(Address address, ConnectionOptions options) {
        return failure(group.next(), address, options);
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> failure(
            EventLoop loop, Address address, ConnectionOptions options) {
        RecordingLinkListener listener = new RecordingLinkListener();
        return assertThatThrownBy(
                        () -> Connects.connect(loop, address, options, listener).sync())
                .satisfies(e -> assertThat(e.toString()).doesNotContain("hunter2"))
                .satisfies(e -> assertThat(listener.closed).isNotDone());
    }

    private static void assertRecoverable(AbstractThrowableAssert<?, ? extends Throwable> failure, boolean expected) {
        failure.extracting(e -> ((AmqpConnectionException) e).recoverable()).isEqualTo(expected);
    }

    private static Link connect(ScriptedServer server, ConnectionOptions options) throws InterruptedException {
        return Connects.connect(group.next(), server.address(), options, new RecordingLinkListener())
                .sync()
                .getNow();
    }
}
