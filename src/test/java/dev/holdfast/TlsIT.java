package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.TlsFailedException.Reason;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.Certificates;
import dev.holdfast.testkit.Brokers;
import dev.holdfast.testkit.RabbitNode;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RabbitMQ over TLS, with both TLS providers: every SASL mechanism, reconnects, and the reasons of failures. */
@Timeout(300)
class TlsIT {
    private static final String KEY_PASSWORD = "s3cret-of-the-key";

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static Path trusted;
    private static RabbitNode node;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Brokers.requireRabbit());
        certificates = new Certificates("Holdfast's authority");
        X509Bundle server = certificates.server();
        trusted = Certificates.write(
                folder.resolve("trusted.pem"), certificates.authority().getCertificatePEM());
        node = RabbitNode.startWithTls(
                trusted,
                Certificates.write(folder.resolve("server.pem"), server.getCertificatePEM()),
                Certificates.write(folder.resolve("server.key"), server.getPrivateKeyPEM()));
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void everySaslMechanismWorksOverTls(TlsOptions.Provider provider) throws Exception {
        TlsOptions tls = TlsOptions.defaults().provider(provider).trust(trusted);
        assertWorks(options(tls), "plain-" + provider);
        assertWorks(options(tls).saslMechanism("AMQPLAIN"), "amqplain-" + provider);
        TlsOptions withCertificate = withCertificateOf(tls, "external-" + provider, "guest");
        assertWorks(options(withCertificate).saslMechanism("EXTERNAL"), "external-" + provider);
        Path store = Certificates.write(
                folder.resolve(provider + ".p12"),
                certificates.client("guest").toKeyStore(KEY_PASSWORD.toCharArray()),
                KEY_PASSWORD);
        assertWorks(options(tls.keyStore(store, KEY_PASSWORD)).saslMechanism("EXTERNAL"), "store-" + provider);
    }

    /** Publishes and gets 1 MiB: many TLS records, and frames that do not end where records end. */
    private static void assertWorks(ConnectionOptions options, String queue) {
        byte[] large = "x".repeat(1 << 20).getBytes(UTF_8);
        try (Connection connection = Connection.open(options);
                Channel channel = connection.channel()) {
            Queue declared = channel.declare(Queue.of(queue));
            connection.producer().publish(large, p -> p.routingKey(declared.name()));
            assertThat(channel.get(declared.name(), true).orElseThrow().body()).isEqualTo(large);
            assertThat(connection.info().tls()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void reconnectReadsRotatedCertificates(TlsOptions.Provider provider) throws Exception {
        String name = "rotated-" + provider;
        node.ctl("add_user", name, "unused");
        node.ctl("set_permissions", name, ".*", ".*", ".*");
        TlsOptions tls = TlsOptions.defaults().provider(provider).trust(trusted);
        ConnectionOptions options = options(withCertificateOf(tls, name, "guest"))
                .saslMechanism("EXTERNAL")
                .connectionName(name);
        try (Connection connection = Connection.open(options)) {
            Queue queue = connection.channel().declare(Queue.of(name));
            connection.producer().publish("before", p -> p.routingKey(queue.name()));
            withCertificateOf(tls, name, name); // the same files, the certificate of another user
            node.ctl("close_all_connections", "rotation");
            connection
                    .producer()
                    .publish("after", p -> p.routingKey(queue.name()).retry());
            assertThat(node.ctl("list_connections", "user", "ssl"))
                    .contains(name + "\ttrue")
                    .doesNotContain("guest");
        }
    }

    @Test
    void connectionRecoversAfterTheBrokerWasKilled() throws Exception {
        TlsOptions tls = TlsOptions.defaults().trust(trusted);
        try (Connection connection = Connection.open(options(tls))) {
            Queue queue = connection.channel().declare(Queue.of("killed"));
            connection.producer().publish("before", p -> p.routingKey(queue.name()));
            node.syncMetadata();
            node.restart();
            RetryPolicy policy = RetryPolicy.linear(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(5))
                    .maxRetries(60);
            connection
                    .producer()
                    .publish("after", p -> p.routingKey(queue.name()).retry(policy));
            Channel channel = connection.channel();
            // The node recovers the messages of the queue after its boot.
            Await.until(
                    "both messages in the queue",
                    () -> channel.inspect(queue.name()).messageCount() == 2);
        }
    }

    @Test
    void updateSecretIsAccepted() {
        try (Connection connection =
                Connection.open(options(TlsOptions.defaults().trust(trusted)))) {
            connection.updateSecret("guest", "rotation");
            connection.updateSecretAsync("guest", "second rotation").join();
            assertThat(connection.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void failureReasonIsNamed(TlsOptions.Provider provider) throws Exception {
        TlsOptions tls = TlsOptions.defaults().provider(provider);
        TlsOptions trusting = tls.trust(trusted);
        assertThat(failure(options(tls))).isEqualTo(Reason.UNKNOWN_AUTHORITY);
        assertThat(failure(options(trusting).address("127.0.0.1", node.port()))).isEqualTo(Reason.PLAIN_PORT);
        assertThat(failure(options(trusting).tls(false))).isEqualTo(Reason.TLS_PORT);
        X509Bundle expired = certificates.expiredClient("guest");
        TlsOptions withExpiredCertificate = trusting.certificate(
                Certificates.write(folder.resolve("expired.pem"), expired.getCertificatePEM()),
                Certificates.write(folder.resolve("expired.key"), expired.getPrivateKeyPEM()));
        assertThat(failure(options(withExpiredCertificate).saslMechanism("EXTERNAL")))
                .isEqualTo(Reason.CLIENT_CERTIFICATE);
        assertThatThrownBy(() -> Connection.open(options(trusting).saslMechanism("EXTERNAL")))
                .isInstanceOf(AuthenticationFailedException.class);
    }

    private static Reason failure(ConnectionOptions options) {
        return catchThrowableOfType(TlsFailedException.class, () -> Connection.open(options))
                .reason();
    }

    /** Writes a client certificate of this user to files of this name, and returns options that use it. */
    private static TlsOptions withCertificateOf(TlsOptions tls, String name, String user) throws Exception {
        X509Bundle client = certificates.client(user);
        return tls.certificate(
                Certificates.write(folder.resolve(name + ".pem"), client.getCertificatePEM()),
                Certificates.write(folder.resolve(name + ".key"), client.getPrivateKeyPEM()));
    }

    private static ConnectionOptions options(TlsOptions tls) {
        return ConnectionOptions.defaults()
                .address("localhost", node.tlsPort())
                .connectTimeout(Duration.ofSeconds(60))
                .tls(tls);
    }
}
