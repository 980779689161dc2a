package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.TlsFailedException;
import dev.holdfast.TlsOptions;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.wire.LongString;
import dev.holdfast.pool.Pools;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.Certificates;
import dev.holdfast.testing.LogLines;
import io.netty.pkitesting.X509Bundle;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches log, frame log, Flight Recorder events, exceptions and string forms for secrets. */
class SecretsTest {
    /** Part of every secret, and of no other text. */
    private static final String SECRET = "hunter2";

    @TempDir
    private Path folder;

    private final StringBuilder output = new StringBuilder();
    private final Recording recording = new Recording();
    private LogLines log;

    @BeforeEach
    void listen() {
        log = new LogLines();
        for (String event : new String[] {"Connect", "Close", "Blocked", "Retry", "Replay", "SlowConfirm"}) {
            recording.enable("dev.holdfast." + event).withThreshold(Duration.ZERO);
        }
        recording.start();
    }

    /** Fails if the output that the test has collected contains a secret. */
    @AfterEach
    void assertNoSecret() throws Exception {
        recording.stop();
        Path file = folder.resolve("recording.jfr");
        recording.dump(file);
        recording.close();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            output.append(event).append('\n');
        }
        output.append(log.text());
        log.close();
        assertThat(output.toString()).as("output").isNotBlank().doesNotContain(SECRET);
    }

    @Test
    void refusedLoginShowsNoSecret() throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start()) {
            ConnectionOptions options = secret(broker.options());
            for (String mechanism : new String[] {"PLAIN", "AMQPLAIN"}) {
                CompletableFuture<Throwable> opening = CompletableFuture.supplyAsync(
                        () -> catchThrowable(() -> Connection.open(options.saslMechanism(mechanism))));
                ScriptedLink link = broker.acceptRaw();
                start(link, mechanism)
                        .reply(new ConnectionMethods.Close(403, "ACCESS_REFUSED - Login was refused", 0, 0));
                Throwable refused = opening.get();
                assertThat(refused).isInstanceOf(AuthenticationFailedException.class);
                record(refused);
            }
            assertThat(log.text()).contains("connection.start-ok").contains("response=***");
        }
    }

    private static ScriptedLink.Received<ConnectionMethods.StartOk> start(ScriptedLink link, String mechanism) {
        link.expectProtocolHeader();
        link.send(0, new ConnectionMethods.Start(0, 9, Map.of(), LongString.of(mechanism), LongString.of("en_US")));
        return link.expect(ConnectionMethods.StartOk.class);
    }

    @Test
    void refusedUpdateSecretAndReconnectShowNoSecret() throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start()) {
            ConnectionOptions options = secret(broker.options());
            try (ScriptedBroker.Client client = broker.connect(options)) {
                Connection connection = client.connection();
                CompletableFuture<Void> first = connection.updateSecretAsync(SECRET + "-new", "rotation");
                client.link()
                        .expect(ConnectionMethods.UpdateSecret.class)
                        .reply(ConnectionMethods.UpdateSecretOk.INSTANCE);
                first.get();
                CompletableFuture<Void> second = connection.updateSecretAsync(SECRET + "-newer", "rotation");
                client.link()
                        .expect(ConnectionMethods.UpdateSecret.class)
                        .reply(new ConnectionMethods.Close(530, "NOT_ALLOWED - refused", 10, 70));
                record(catchThrowable(second::get));
                record(connection, connection.info(), connection.asUri(), connection.statistics());
                client.link().expect(ConnectionMethods.CloseOk.class);
                client.link().cut();
                ScriptedLink restored = broker.acceptRestored();
                Await.until("open again", connection::isOpen);
                restored.cut();
                broker.acceptRestored();
                assertThat(log.text()).contains("newSecret=***").contains("closed: ");
            }
            record(catchThrowable(() -> Connection.lazy(options).updateSecret(SECRET, "too early")));
        }
    }

    @Test
    void secretsLargerThanAFrameAreNotSent() throws Exception {
        String large = SECRET.repeat(2000);
        try (ScriptedBroker broker = ScriptedBroker.start()) {
            broker.frameMax(8192);
            try (ScriptedBroker.Client client = broker.connect(secret(broker.options()))) {
                Throwable refused = catchThrowable(() -> client.connection().updateSecret(large, "rotation"));
                assertThat(refused)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("connection.update-secret: 14025 bytes (expected: <= 8192, one frame)");
                record(refused);
                String fits = SECRET.repeat(1160);
                CompletableFuture<Void> next = client.connection().updateSecretAsync(fits, "rotation");
                client.link()
                        .expect(ConnectionMethods.UpdateSecret.class)
                        .reply(ConnectionMethods.UpdateSecretOk.INSTANCE);
                next.get();
            }
            for (String mechanism : new String[] {"PLAIN", "AMQPLAIN"}) {
                ConnectionOptions options = secret(broker.options())
                        .credentials("me", large.repeat(10))
                        .saslMechanism(mechanism);
                CompletableFuture<Throwable> opening =
                        CompletableFuture.supplyAsync(() -> catchThrowable(() -> Connection.open(options)));
                ScriptedLink link = broker.acceptRaw();
                link.expectProtocolHeader();
                link.send(
                        0,
                        new ConnectionMethods.Start(0, 9, Map.of(), LongString.of(mechanism), LongString.of("en_US")));
                link.expectEnd();
                Throwable refused = opening.get();
                assertThat(refused)
                        .isInstanceOf(ConnectFailedException.class)
                        .hasMessageMatching(".*connection\\.start-ok: 14[0-9]{4} bytes, 140[0-9]{3} of them credentials"
                                + " \\(expected: <= 131072, one frame before tune: .*");
                assertThat(((ConnectFailedException) refused).recoverable()).isFalse();
                record(refused);
            }
        }
    }

    @Test
    void tlsFailuresShowNoPassword() throws Exception {
        X509Bundle bundle = new Certificates("Authority").client("me");
        Path store = Certificates.write(
                folder.resolve("store.p12"), bundle.toKeyStore(("right-" + SECRET).toCharArray()), "right-" + SECRET);
        Path pem = Certificates.write(folder.resolve("me.pem"), bundle.getCertificatePathPEM());
        Path nonsense = Certificates.write(folder.resolve("me.key"), "nonsense");
        for (TlsOptions tls : new TlsOptions[] {
            TlsOptions.defaults().keyStore(store, SECRET),
            TlsOptions.defaults().trustStore(store, SECRET),
            TlsOptions.defaults().certificate(pem, nonsense, SECRET)
        }) {
            ConnectionOptions options = secret(ConnectionOptions.defaults()).tls(tls);
            Throwable failure = catchThrowable(() -> Connection.open(options));
            assertThat(failure).isInstanceOf(TlsFailedException.class);
            record(failure, tls, tls.certificate(), tls.trust(), options);
        }
    }

    @Test
    void valuesAndUrisShowNoSecret() {
        ConnectionOptions options = ConnectionOptions.parse("amqp://me:" + SECRET + "@127.0.0.1:1/orders");
        record(
                options,
                options.asUri(),
                options.credentials(),
                options.credentials().get());
        for (String wrong : new String[] {"/orders?nonsense=1", ":x/", "/%zz", "/?heartbeat=-1"}) {
            record(catchThrowable(() -> ConnectionOptions.parse("amqp://me:" + SECRET + "@127.0.0.1" + wrong)));
        }
        try (Pools pools = new Pools()) {
            record(pools, pools.connections(options), pools.producers(options));
            record(catchThrowable(() -> pools.connections(options)
                    .acquire(Duration.ofMillis(200))
                    .value()
                    .channel()));
        }
        try (Connection connection = Connection.lazy(options)) {
            record(connection, connection.info(), connection.producer());
            record(catchThrowable(() -> connection.producer().publish("x", p -> p.timeout(Duration.ofMillis(50)))));
        }
    }

    private static ConnectionOptions secret(ConnectionOptions options) {
        return options.credentials("me", SECRET).frameLog(true);
    }

    private void record(Object... values) {
        for (Object value : values) {
            if (value instanceof Throwable failure) {
                StringWriter text = new StringWriter();
                failure.printStackTrace(new PrintWriter(text, true));
                output.append(text);
            }
            output.append(value).append('\n');
        }
    }
}
