package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is trusted on a TLS port, told by how far the handshake comes: the server answers with another AMQP version. */
class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path folder;

    private static KeyStore keys;
    private static SSLServerSocket server;

    @BeforeAll
    static void serve() throws Exception {
        Path file = folder.resolve("server.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process made = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=elsewhere",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(made.waitFor(60, TimeUnit.SECONDS)).isTrue();
        keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(TlsTest::answerAll, "tls-server");
        thread.setDaemon(true);
        thread.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static void answerAll() {
        while (!server.isClosed()) {
            try (Socket peer = server.accept();
                    OutputStream out = peer.getOutputStream()) {
                assertThat(peer.getInputStream().readNBytes(8)).hasSize(8);
                out.write(new byte[] {'A', 'M', 'Q', 'P', 0, 1, 0, 0});
                out.flush();
            } catch (java.io.IOException e) {
                // this client did not trust us, or the test is over
            }
        }
    }

    @Test
    void trustsNobodyUnknown() {
        assertThatThrownBy(() -> Connection.open(options("")))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("certif");
    }

    @Test
    void trustsAnybodyWhenToldTo() {
        assertThatThrownBy(() -> Connection.open(options("?verify=verify_none")))
                .isInstanceOf(AmqpProtocolException.class)
                .hasMessageContaining("1-0-0");
    }

    @Test
    void asksForTheHostNameEvenOfOneItTrusts() throws Exception {
        ConnectionOptions trusting = options("").tls(TlsOptions.defaults().context(trustingTheServer()));
        assertThatThrownBy(() -> Connection.open(trusting)).isInstanceOf(ConnectFailedException.class);
        assertThatThrownBy(
                        () -> Connection.open(trusting.tls(trusting.tlsOptions().verifyHostName(false))))
                .isInstanceOf(AmqpProtocolException.class);
    }

    private static ConnectionOptions options(String query) {
        return ConnectionOptions.parse("amqps://guest:guest@127.0.0.1:" + server.getLocalPort() + "/" + query);
    }

    private static SSLContext trustingTheServer() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("server", keys.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
