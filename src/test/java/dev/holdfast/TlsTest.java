package dev.holdfast;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.TlsFailedException.Reason;
import dev.holdfast.testing.Certificates;
import dev.holdfast.testing.TlsServer;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is trusted on a TLS port, and what is said of who is not: the server answers with another AMQP version. */
class TlsTest {
    private static final String PASSWORD = "s3cret-of-the-store";

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static Path trusted;

    @BeforeAll
    static void certify() throws Exception {
        certificates = new Certificates("Holdfast's authority");
        trusted = Certificates.write(
                folder.resolve("trusted.pem"), certificates.authority().getCertificatePEM());
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void takesTheRightCertificateForNameAndAddress(TlsOptions.Provider provider) throws Exception {
        try (TlsServer server = new TlsServer(certificates.server())) {
            TlsOptions trusting = TlsOptions.defaults().provider(provider).trust(trusted);
            assertSecured("127.0.0.1", server.port(), trusting);
            assertSecured("localhost", server.port(), trusting);
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void namesEveryWrongCertificate(TlsOptions.Provider provider) throws Exception {
        TlsOptions trusting = TlsOptions.defaults().provider(provider).trust(trusted);
        assertRefused(certificates.elsewhere(), trusting, Reason.HOST_NAME, "is for other names: elsewhere.example");
        assertRefused(certificates.expired(), trusting, Reason.EXPIRED, "expired on 20");
        assertRefused(Certificates.selfSigned(), trusting, Reason.SELF_SIGNED, "self-signed and not trusted");
        assertRefused(
                new Certificates("Somebody").server(),
                trusting,
                Reason.UNKNOWN_AUTHORITY,
                "issued by an authority that is not trusted: CN=Somebody");
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void trustsNobodyUnknownByDefault(TlsOptions.Provider provider) throws Exception {
        TlsOptions jdks = TlsOptions.defaults().provider(provider);
        assertRefused(certificates.server(), jdks, Reason.UNKNOWN_AUTHORITY, "CN=Holdfast's authority");
        try (TlsServer server = new TlsServer(Certificates.selfSigned())) {
            assertSecured("127.0.0.1", server.port(), jdks.verifyPeer(false));
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void asksForTheHostNameUnlessToldNotTo(TlsOptions.Provider provider) throws Exception {
        TlsOptions trusting = TlsOptions.defaults().provider(provider).trust(trusted);
        try (TlsServer server = new TlsServer(certificates.elsewhere())) {
            assertSecured("127.0.0.1", server.port(), trusting.verifyHostName(false));
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void showsTheCertificateThatTheBrokerWants(TlsOptions.Provider provider) throws Exception {
        X509Bundle client = certificates.client("client");
        Path pem = Certificates.write(folder.resolve(provider + ".pem"), client.getCertificatePathPEM());
        Path key = Certificates.write(folder.resolve(provider + ".key"), client.getPrivateKeyPEM());
        Path store = Certificates.write(
                folder.resolve(provider + ".p12"), client.toKeyStore(PASSWORD.toCharArray()), PASSWORD);
        TlsOptions trusting = TlsOptions.defaults().provider(provider).trust(trusted);
        try (TlsServer server =
                new TlsServer(certificates.server(), certificates.authority().toTrustManager())) {
            assertSecured("127.0.0.1", server.port(), trusting.certificate(pem, key));
            assertSecured("127.0.0.1", server.port(), trusting.keyStore(store, PASSWORD));
            TlsFailedException without = failure(server.port(), trusting);
            assertThat(without.reason()).isEqualTo(Reason.CLIENT_CERTIFICATE);
            assertThat(without).hasMessageContaining("rejects the client certificate, or requires one");
        }
    }

    @Test
    void takesTrustFromAKeyStore() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("authority", certificates.authority().getCertificate());
        Path file = Certificates.write(folder.resolve("trust.p12"), store, PASSWORD);
        try (TlsServer server = new TlsServer(certificates.server())) {
            TlsOptions options = TlsOptions.defaults();
            assertSecured("127.0.0.1", server.port(), options.trustStore(file, PASSWORD));
            TlsFailedException wrong = failure(server.port(), options.trustStore(file, "not-" + PASSWORD));
            assertThat(wrong.reason()).isEqualTo(Reason.FILES);
            assertThat(wrong).hasMessageContaining("trust.p12").hasMessageNotContaining(PASSWORD);
        }
    }

    @Test
    void takesAContextAndStillAsksForTheHostName() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {certificates.authority().toTrustManager()}, null);
        TlsOptions options = TlsOptions.defaults().context(context);
        try (TlsServer server = new TlsServer(certificates.server())) {
            assertSecured("127.0.0.1", server.port(), options);
        }
        assertRefused(certificates.elsewhere(), options, Reason.CERTIFICATE, "127.0.0.1");
        assertRefused(certificates.expired(), options, Reason.EXPIRED, "is not accepted");
        assertRefused(Certificates.selfSigned(), options, Reason.UNKNOWN_AUTHORITY, "is not accepted");
        assertThatThrownBy(() -> options.trust(trusted)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.provider(TlsOptions.Provider.OPENSSL))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesTheFileThatCannotBeUsed() throws Exception {
        TlsOptions options = TlsOptions.defaults();
        Path none = folder.resolve("none.pem");
        Path nonsense = Files.writeString(folder.resolve("nonsense.pem"), "nonsense");
        TlsFailedException missing = failure(1, options.trust(none));
        assertThat(missing.reason()).isEqualTo(Reason.FILES);
        assertThat(missing).hasMessageContaining("none.pem").hasMessageContaining("NoSuchFile");
        assertThat(missing.recoverable()).isTrue();
        assertThat(failure(1, options.trust(nonsense)).reason()).isEqualTo(Reason.FILES);
        assertThat(failure(1, options.certificate(trusted, nonsense)))
                .hasMessageContaining("trusted.pem with")
                .hasMessageContaining("nonsense.pem");
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void saysThatAPortSpeaksNoTls(TlsOptions.Provider provider) throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> {
                try (Socket peer = plain.accept()) {
                    assertThat(peer.getInputStream().read()).isPositive();
                    peer.getOutputStream().write("AMQP\0\0\t\1".getBytes(US_ASCII));
                    peer.getOutputStream().flush();
                    assertThat(peer.getInputStream().readAllBytes()).isNotEmpty();
                } catch (java.io.IOException e) {
                    // the client has left in its own way
                }
            });
            TlsFailedException failure =
                    failure(plain.getLocalPort(), TlsOptions.defaults().provider(provider));
            assertThat(failure.reason()).isEqualTo(Reason.PLAIN_PORT);
            assertThat(failure).hasMessageContaining("does not speak TLS").hasMessageContaining("amqp://");
            answered.join();
        }
    }

    @Test
    void saysThatAPortSpeaksTls() throws Exception {
        try (TlsServer server = new TlsServer(certificates.server())) {
            ConnectionOptions plain = ConnectionOptions.defaults()
                    .address("127.0.0.1", server.port())
                    .tls(false);
            TlsFailedException failure = catchThrowableOfType(TlsFailedException.class, () -> Connection.open(plain));
            assertThat(failure.reason()).isEqualTo(Reason.TLS_PORT);
            assertThat(failure).hasMessageContaining("use amqps://");
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void givesTheHandshakeATimeOfItsOwn(TlsOptions.Provider provider) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
            TlsFailedException failure = failure(
                    silent.getLocalPort(),
                    TlsOptions.defaults().provider(provider).handshakeTimeout(Duration.ofMillis(50)));
            assertThat(failure.reason()).isEqualTo(Reason.TIMEOUT);
            assertThat(failure.recoverable()).isTrue();
        }
    }

    private static void assertRefused(X509Bundle certificate, TlsOptions options, Reason reason, String words)
            throws Exception {
        try (TlsServer server = new TlsServer(certificate)) {
            TlsFailedException failure = failure(server.port(), options);
            assertThat(failure.reason()).isEqualTo(reason);
            assertThat(failure)
                    .hasMessageContaining("127.0.0.1:" + server.port())
                    .hasMessageContaining(words);
            assertThat(failure.recoverable()).isFalse();
        }
    }

    private static TlsFailedException failure(int port, TlsOptions options) {
        return catchThrowableOfType(
                TlsFailedException.class, () -> Connection.open(options("127.0.0.1", port, options)));
    }

    private static void assertSecured(String host, int port, TlsOptions options) {
        assertThatThrownBy(() -> Connection.open(options(host, port, options)))
                .isInstanceOf(AmqpProtocolException.class)
                .hasMessageContaining("1-0-0");
    }

    private static ConnectionOptions options(String host, int port, TlsOptions options) {
        return ConnectionOptions.defaults()
                .address(host, port)
                .connectTimeout(Duration.ofSeconds(60))
                .tls(options);
    }
}
