package dev.holdfast;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.TlsFailedException.Reason;
import dev.holdfast.testing.Certificates;
import dev.holdfast.testing.TlsServer;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
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

/**
 * Which certificates a connection accepts, and the reason of each failure. The server answers with another AMQP
 * version.
 */
class TlsTest {
    private static final String PASSWORD = "s3cret-of-the-store";

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static Path trusted;

    @BeforeAll
    static void createAuthority() throws Exception {
        certificates = new Certificates("Holdfast's authority");
        trusted = Certificates.write(
                folder.resolve("trusted.pem"), certificates.authority().getCertificatePEM());
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void certificateIsAcceptedForNameAndAddress(TlsOptions.Provider provider) throws Exception {
        try (TlsServer server = new TlsServer(certificates.server())) {
            TlsOptions trusting = TlsOptions.defaults().provider(provider).trust(trusted);
            assertTlsSucceeds("127.0.0.1", server.port(), trusting);
            assertTlsSucceeds("localhost", server.port(), trusting);
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void rejectedCertificateIsExplained(TlsOptions.Provider provider) throws Exception {
        TlsOptions trusting = TlsOptions.defaults().provider(provider).trust(trusted);
        assertRefused(certificates.elsewhere(), trusting, Reason.HOST_NAME, "is for other names: elsewhere.example");
        assertRefused(certificates.expired(), trusting, Reason.EXPIRED, "expired on 20");
        assertRefused(Certificates.selfSigned(), trusting, Reason.SELF_SIGNED, "self-signed and not trusted");
        assertRefused(
                new Certificates("Another authority").server(),
                trusting,
                Reason.UNKNOWN_AUTHORITY,
                "issued by an authority that is not trusted: CN=Another authority");
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void unknownAuthorityIsRejectedByDefault(TlsOptions.Provider provider) throws Exception {
        TlsOptions jdkTrust = TlsOptions.defaults().provider(provider);
        assertRefused(certificates.server(), jdkTrust, Reason.UNKNOWN_AUTHORITY, "CN=Holdfast's authority");
        try (TlsServer server = new TlsServer(Certificates.selfSigned())) {
            assertTlsSucceeds("127.0.0.1", server.port(), jdkTrust.verifyPeer(false));
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void hostNameVerificationCanBeDisabled(TlsOptions.Provider provider) throws Exception {
        TlsOptions trusting = TlsOptions.defaults().provider(provider).trust(trusted);
        try (TlsServer server = new TlsServer(certificates.elsewhere())) {
            assertTlsSucceeds("127.0.0.1", server.port(), trusting.verifyHostName(false));
        }
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void clientCertificateIsPresented(TlsOptions.Provider provider) throws Exception {
        X509Bundle client = certificates.client("client");
        Path pem = Certificates.write(folder.resolve(provider + ".pem"), client.getCertificatePathPEM());
        Path key = Certificates.write(folder.resolve(provider + ".key"), client.getPrivateKeyPEM());
        Path store = Certificates.write(
                folder.resolve(provider + ".p12"), client.toKeyStore(PASSWORD.toCharArray()), PASSWORD);
        TlsOptions trusting = TlsOptions.defaults().provider(provider).trust(trusted);
        try (TlsServer server =
                new TlsServer(certificates.server(), certificates.authority().toTrustManager())) {
            assertTlsSucceeds("127.0.0.1", server.port(), trusting.certificate(pem, key));
            assertTlsSucceeds("127.0.0.1", server.port(), trusting.keyStore(store, PASSWORD));
            TlsFailedException failure = failure(server.port(), trusting);
            assertThat(failure.reason()).isEqualTo(Reason.CLIENT_CERTIFICATE);
            assertThat(failure).hasMessageContaining("rejects the client certificate, or requires one");
        }
    }

    @Test
    void trustStoreIsUsed() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("authority", certificates.authority().getCertificate());
        Path file = Certificates.write(folder.resolve("trust.p12"), store, PASSWORD);
        try (TlsServer server = new TlsServer(certificates.server())) {
            TlsOptions options = TlsOptions.defaults();
            assertTlsSucceeds("127.0.0.1", server.port(), options.trustStore(file, PASSWORD));
            TlsFailedException failure = failure(server.port(), options.trustStore(file, "not-" + PASSWORD));
            assertThat(failure.reason()).isEqualTo(Reason.FILES);
            assertThat(failure).hasMessageContaining("trust.p12").hasMessageNotContaining(PASSWORD);
        }
    }

    @Test
    void sslContextIsUsedAndTheHostNameVerified() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {certificates.authority().toTrustManager()}, null);
        TlsOptions options = TlsOptions.defaults().context(context);
        try (TlsServer server = new TlsServer(certificates.server())) {
            assertTlsSucceeds("127.0.0.1", server.port(), options);
        }
        assertRefused(certificates.elsewhere(), options, Reason.CERTIFICATE, "127.0.0.1");
        assertRefused(certificates.expired(), options, Reason.EXPIRED, "is not accepted");
        assertRefused(Certificates.selfSigned(), options, Reason.UNKNOWN_AUTHORITY, "is not accepted");
        assertThatThrownBy(() -> options.trust(trusted)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.provider(TlsOptions.Provider.OPENSSL))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void unusableFileIsNamed() throws Exception {
        TlsOptions options = TlsOptions.defaults();
        Path absent = folder.resolve("absent.pem");
        Path invalid = Files.writeString(folder.resolve("invalid.pem"), "not a certificate");
        TlsFailedException missing = failure(1, options.trust(absent));
        assertThat(missing.reason()).isEqualTo(Reason.FILES);
        assertThat(missing).hasMessageContaining("absent.pem").hasMessageContaining("NoSuchFile");
        assertThat(missing.recoverable()).isTrue();
        assertThat(failure(1, options.trust(invalid)).reason()).isEqualTo(Reason.FILES);
        assertThat(failure(1, options.certificate(trusted, invalid)))
                .hasMessageContaining("trusted.pem with")
                .hasMessageContaining("invalid.pem");
    }

    @ParameterizedTest
    @EnumSource(TlsOptions.Provider.class)
    void plainPortIsReported(TlsOptions.Provider provider) throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> {
                try (Socket peer = plain.accept()) {
                    assertThat(peer.getInputStream().read()).isPositive();
                    peer.getOutputStream().write("AMQP\0\0\t\1".getBytes(US_ASCII));
                    peer.getOutputStream().flush();
                    assertThat(peer.getInputStream().readAllBytes()).isNotEmpty();
                } catch (IOException e) {
                    // the client closed the connection
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
    void tlsPortIsReported() throws Exception {
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
    void handshakeHasItsOwnTimeout(TlsOptions.Provider provider) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
            TlsFailedException failure = failure(
                    silent.getLocalPort(),
                    TlsOptions.defaults().provider(provider).handshakeTimeout(Duration.ofMillis(50)));
            assertThat(failure.reason()).isEqualTo(Reason.TIMEOUT);
            assertThat(failure.recoverable()).isTrue();
        }
    }

    private static void assertRefused(X509Bundle certificate, TlsOptions options, Reason reason, String message)
            throws Exception {
        try (TlsServer server = new TlsServer(certificate)) {
            TlsFailedException failure = failure(server.port(), options);
            assertThat(failure.reason()).isEqualTo(reason);
            assertThat(failure)
                    .hasMessageContaining("127.0.0.1:" + server.port())
                    .hasMessageContaining(message);
            assertThat(failure.recoverable()).isFalse();
        }
    }

    private static TlsFailedException failure(int port, TlsOptions options) {
        return catchThrowableOfType(
                TlsFailedException.class, () -> Connection.open(options("127.0.0.1", port, options)));
    }

    /** Asserts that the connection fails only after the TLS handshake, at the AMQP version. */
    private static void assertTlsSucceeds(String host, int port, TlsOptions options) {
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
