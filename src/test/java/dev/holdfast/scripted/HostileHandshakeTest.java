package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.Connection;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.wire.LongString;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.RandomMethods;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Protocol violations during the handshake. The client closes the socket without connection.close, as the protocol
 * requires before open-ok, and the caller of open gets an exception with the reply code of the violation.
 */
class HostileHandshakeTest {
    private static final long SEED = Long.getLong("holdfast.seed", System.nanoTime());
    private static final int MAX_FRAME_BEFORE_TUNE = 1 << 17;
    private static final int NOT_ALLOWED = 530;
    private static final int NOT_IMPLEMENTED = 540;

    /** How far the handshake proceeds before the violation. */
    private enum Step {
        START,
        TUNE,
        OPEN_OK;

        void perform(ScriptedLink link) {
            link.expectProtocolHeader();
            if (this != START) {
                link.send(0, start("PLAIN"));
                link.expect(ConnectionMethods.StartOk.class);
            }
            if (this == OPEN_OK) {
                link.send(0, new ConnectionMethods.Tune(2047, 131_072, 0));
                link.expect(ConnectionMethods.TuneOk.class);
                link.expect(ConnectionMethods.Open.class);
            }
        }

        boolean expects(Method method) {
            return switch (this) {
                case START -> method instanceof ConnectionMethods.Start;
                case TUNE -> method instanceof ConnectionMethods.Tune || method instanceof ConnectionMethods.Secure;
                case OPEN_OK -> method instanceof ConnectionMethods.OpenOk;
            };
        }
    }

    private static ConnectionMethods.Start start(String mechanisms) {
        return new ConnectionMethods.Start(0, 9, Map.of(), LongString.of(mechanisms), LongString.of("en_US"));
    }

    /** Runs one handshake. Returns the exception of the connect. */
    private static Throwable connectFailure(Step step, Consumer<ScriptedLink> then) throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start()) {
            CompletableFuture<Throwable> connecting = CompletableFuture.supplyAsync(() ->
                    catchThrowable(() -> Connection.open(broker.options().connectTimeout(Duration.ofSeconds(20)))
                            .close()));
            ScriptedLink link = broker.acceptRaw();
            step.perform(link);
            then.accept(link);
            link.expectEnd();
            return connecting.get(10, TimeUnit.SECONDS);
        }
    }

    private static void assertViolation(int code, Throwable thrown) {
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        AmqpProtocolException.class,
                        violation -> assertThat(violation.replyCode().code()).isEqualTo(code));
    }

    private static DynamicTest violation(Step step, String name, int code, byte[] bytes) {
        return DynamicTest.dynamicTest(
                step + ": " + name, () -> assertViolation(code, connectFailure(step, link -> link.sendRaw(bytes))));
    }

    @TestFactory
    Stream<DynamicTest> violationsCloseTheSocketBeforeTheConnectionOpens() {
        System.out.printf("HostileHandshakeTest: seed %d (repeat with -Dholdfast.seed=%1$d)%n", SEED);
        return Stream.of(Step.values()).flatMap(HostileHandshakeTest::violations);
    }

    private static Stream<DynamicTest> violations(Step step) {
        List<DynamicTest> all = new ArrayList<>();
        ClientState state = ClientState.CLOSING_CHANNEL;
        for (ProtocolViolation malformed : ProtocolViolation.frames(MAX_FRAME_BEFORE_TUNE)) {
            all.add(violation(
                    step,
                    malformed.name(),
                    malformed.code().applyAsInt(state),
                    malformed.bytes().apply(0)));
        }
        for (ProtocolViolation malformed : ProtocolViolation.malformed(SEED)) {
            all.add(violation(
                    step,
                    malformed.name(),
                    malformed.code().applyAsInt(state),
                    malformed.bytes().apply(0)));
        }
        Random random = new Random(SEED);
        RandomMethods.types().forEach(type -> {
            Method method = RandomMethods.of(type, random);
            if (!step.expects(method) && !(method instanceof ConnectionMethods.Close)) {
                String name = method.methodName() + " out of turn";
                all.add(violation(step, name, ProtocolViolation.COMMAND_INVALID, FrameBytes.method(0, method)));
            }
            all.add(violation(
                    step,
                    method.methodName() + " on channel 1",
                    ProtocolViolation.UNEXPECTED_FRAME,
                    FrameBytes.method(1, method)));
        });
        return all.stream();
    }

    @TestFactory
    Stream<DynamicTest> unsupportedStartsAreRefused() {
        List<DynamicTest> all = new ArrayList<>();
        for (int[] version : new int[][] {{0, 8}, {1, 0}, {255, 255}}) {
            ConnectionMethods.Start start = new ConnectionMethods.Start(
                    version[0], version[1], Map.of(), LongString.of("PLAIN"), LongString.of("en_US"));
            all.add(violation(
                    Step.START, "version " + Arrays.toString(version), NOT_IMPLEMENTED, FrameBytes.method(0, start)));
        }
        for (String mechanisms : new String[] {"", " ", "GSSAPI", "PLAINTEXT XPLAIN", "A ".repeat(60_000)}) {
            all.add(DynamicTest.dynamicTest(
                    "mechanisms of " + mechanisms.length(),
                    () -> assertThat(connectFailure(Step.START, link -> link.send(0, start(mechanisms))))
                            .isInstanceOf(AuthenticationFailedException.class)));
        }
        byte[] otherVersion = {'A', 'M', 'Q', 'P', 3, 1, 0, 0};
        all.add(violation(Step.START, "another protocol header", NOT_IMPLEMENTED, otherVersion));
        byte[] http = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        all.add(violation(Step.START, "HTTP", ProtocolViolation.FRAME_ERROR, http));
        return all.stream();
    }

    @Test
    void secondSaslChallengeIsRefused() throws Exception {
        ConnectionMethods.Secure more = new ConnectionMethods.Secure(LongString.of("go on"));
        assertThat(connectFailure(Step.TUNE, link -> {
                    link.send(0, more);
                    link.expect(ConnectionMethods.SecureOk.class);
                    link.send(0, more);
                }))
                .isInstanceOf(AuthenticationFailedException.class);
    }

    @TestFactory
    Stream<DynamicTest> tuneIsAcceptedOrRefusedByItsLimits() {
        List<DynamicTest> all = new ArrayList<>();
        for (long frameMax : new long[] {1, 7, 8, 4095}) {
            all.add(violation(
                    Step.TUNE,
                    "frame size " + frameMax,
                    NOT_ALLOWED,
                    FrameBytes.method(0, new ConnectionMethods.Tune(0, frameMax, 0))));
        }
        all.add(violation(
                Step.TUNE,
                "one channel, where two are needed",
                NOT_ALLOWED,
                FrameBytes.method(0, new ConnectionMethods.Tune(1, 131_072, 0))));
        for (ConnectionMethods.Tune tune : List.of(
                new ConnectionMethods.Tune(0, 0, 0),
                new ConnectionMethods.Tune(2, 4096, 1),
                new ConnectionMethods.Tune(65_535, (1L << 32) - 1, 65_535))) {
            all.add(DynamicTest.dynamicTest(tune.toString(), () -> opensWith(tune)));
        }
        return all.stream();
    }

    private static void opensWith(ConnectionMethods.Tune tune) throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start()) {
            CompletableFuture<Connection> opening =
                    CompletableFuture.supplyAsync(() -> Connection.open(broker.options()));
            ScriptedLink link = broker.acceptRaw();
            Step.TUNE.perform(link);
            link.send(0, tune);
            link.expect(ConnectionMethods.TuneOk.class);
            link.expect(ConnectionMethods.Open.class).reply(ConnectionMethods.OpenOk.INSTANCE);
            int channel = link.restoreChannels();
            try (Client client = new Client(opening.get(10, TimeUnit.SECONDS), link, channel)) {
                assertThat(client.connection().isOpen()).isTrue();
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> closeAndEndOfStreamFailTheHandshake() {
        return Stream.of(Step.values())
                .flatMap(step -> Stream.of(
                        DynamicTest.dynamicTest(
                                step + ": close",
                                () -> assertThat(connectFailure(
                                                step,
                                                link -> link.send(0, new ConnectionMethods.Close(541, "no", 0, 0))))
                                        .isInstanceOf(ConnectFailedException.class)
                                        .hasMessageContaining("541 no")),
                        DynamicTest.dynamicTest(
                                step + ": end",
                                () -> assertThat(connectFailure(step, ScriptedLink::cut))
                                        .isInstanceOf(AmqpException.class))));
    }
}
