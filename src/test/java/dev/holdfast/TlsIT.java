package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.TlsFailedException.Reason;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.Certificates;
import dev.holdfast.testing.NodeTest;
import dev.holdfast.testing.TestNodes;
import dev.holdfast.testkit.RabbitNode;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** RabbitMQ over TLS, with both TLS providers: every SASL mechanism, reconnects, and the reasons of failures. */
@Timeout(300)
class TlsIT {
    private static final String KEY_PASSWORD = "s3cret-of-the-key";

    @TempDir
    static Path folder;

    private final Certificates certificates = TestNodes.certificates();
    private Path trusted;

    @BeforeEach
    void writeAuthority() throws Exception {
        trusted = Certificates.write(
                folder.resolve("trusted.pem"), certificates.authority().getCertificatePEM());
    }

    @NodeTest
    void everySaslMechanismWorksOverTls(RabbitNode node) throws Exception {
        for (TlsOptions.Provider provider : TlsOptions.Provider.values()) {
            TlsOptions tls = TlsOptions.defaults().provider(provider).trust(trusted);
            assertWorks(options(node, tls));
            assertWorks(options(node, tls).saslMechanism("AMQPLAIN"));
            TlsOptions withCertificate = withCertificateOf(tls, "external-" + provider, "guest");
            assertWorks(options(node, withCertificate).saslMechanism("EXTERNAL"));
            Path store = Certificates.write(
                    folder.resolve(provider + ".p12"),
                    certificates.client("guest").toKeyStore(KEY_PASSWORD.toCharArray()),
                    KEY_PASSWORD);
            assertWorks(options(node, tls.keyStore(store, KEY_PASSWORD)).saslMechanism("EXTERNAL"));
        }
    }

    /** Publishes and gets 1 MiB: many TLS records, and frames that do not end where records end. */
    private static void assertWorks(ConnectionOptions options) {
        byte[] large = "x".repeat(1 << 20).getBytes(UTF_8);
        try (Connection connection = Connection.open(options);
                Channel channel = connection.channel()) {
            Queue declared = channel.declare(Queue.serverNamed());
            connection.producer().publish(large, p -> p.routingKey(declared.name()));
            assertThat(channel.get(declared.name(), true).orElseThrow().body()).isEqualTo(large);
            assertThat(connection.info().tls()).isTrue();
        }
    }

    @NodeTest
    void reconnectReadsRotatedCertificates(RabbitNode node) throws Exception {
        for (TlsOptions.Provider provider : TlsOptions.Provider.values()) {
            assertReconnectReadsRotatedCertificates(node, provider);
        }
    }

    private void assertReconnectReadsRotatedCertificates(RabbitNode node, TlsOptions.Provider provider)
            throws Exception {
        String name = "rotated-" + provider;
        node.ctl("add_user", name, "unused");
        node.ctl("set_permissions", name, ".*", ".*", ".*");
        TlsOptions tls = TlsOptions.defaults().provider(provider).trust(trusted);
        ConnectionOptions options = options(node, withCertificateOf(tls, name, "guest"))
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
            connection.channel().deleteQueue(queue.name());
        }
    }

    @NodeTest
    void connectionRecoversAfterTheBrokerWasKilled(RabbitNode node) throws Exception {
        TlsOptions tls = TlsOptions.defaults().trust(trusted);
        try (Connection connection = Connection.open(options(node, tls))) {
            Queue queue = connection.channel().declare(Queue.of("killed-" + UUID.randomUUID()));
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
            channel.deleteQueue(queue.name());
        }
    }

    @NodeTest
    void updateSecretIsAccepted(RabbitNode node) {
        try (Connection connection =
                Connection.open(options(node, TlsOptions.defaults().trust(trusted)))) {
            connection.updateSecret("guest", "rotation");
            connection.updateSecretAsync("guest", "second rotation").join();
            assertThat(connection.isOpen()).isTrue();
        }
    }

    @NodeTest
    void failureReasonIsNamed(RabbitNode node) throws Exception {
        for (TlsOptions.Provider provider : TlsOptions.Provider.values()) {
            assertFailureReasonIsNamed(node, provider);
        }
    }

    private void assertFailureReasonIsNamed(RabbitNode node, TlsOptions.Provider provider) throws Exception {
        TlsOptions tls = TlsOptions.defaults().provider(provider);
        TlsOptions trusting = tls.trust(trusted);
        assertThat(failure(options(node, tls))).isEqualTo(Reason.UNKNOWN_AUTHORITY);
        assertThat(failure(options(node, trusting).address("127.0.0.1", node.port())))
                .isEqualTo(Reason.PLAIN_PORT);
        assertThat(failure(options(node, trusting).tls(false))).isEqualTo(Reason.TLS_PORT);
        X509Bundle expired = certificates.expiredClient("guest");
        TlsOptions withExpiredCertificate = trusting.certificate(
                Certificates.write(folder.resolve("expired.pem"), expired.getCertificatePEM()),
                Certificates.write(folder.resolve("expired.key"), expired.getPrivateKeyPEM()));
        assertThat(failure(options(node, withExpiredCertificate).saslMechanism("EXTERNAL")))
                .isEqualTo(Reason.CLIENT_CERTIFICATE);
        assertThatThrownBy(() -> Connection.open(options(node, trusting).saslMechanism("EXTERNAL")))
                .isInstanceOf(AuthenticationFailedException.class);
    }

    private static Reason failure(ConnectionOptions options) {
        return catchThrowableOfType(TlsFailedException.class, () -> Connection.open(options))
                .reason();
    }

    /** Writes a client certificate of this user to files of this name, and returns options that use it. */
    private TlsOptions withCertificateOf(TlsOptions tls, String name, String user) throws Exception {
        X509Bundle client = certificates.client(user);
        return tls.certificate(
                Certificates.write(folder.resolve(name + ".pem"), client.getCertificatePEM()),
                Certificates.write(folder.resolve(name + ".key"), client.getPrivateKeyPEM()));
    }

    private static ConnectionOptions options(RabbitNode node, TlsOptions tls) {
        return ConnectionOptions.defaults()
                .address("localhost", node.tlsPort())
                .connectTimeout(Duration.ofSeconds(60))
                .tls(tls);
    }
}
