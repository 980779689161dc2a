package dev.holdfast.testing;

import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManager;

/** A TLS server on loopback. It answers an AMQP header with another version: the error tells that TLS succeeded. */
public final class TlsServer implements AutoCloseable {
    private static final int HEADER_SIZE = 8;

    private final SSLServerSocket listener;

    /**
     * Starts a server with this certificate. With {@code clients}, it requires a client certificate that they
     * trust.
     */
    public TlsServer(X509Bundle certificate, TrustManager... clients) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(certificate.toKeyManagerFactory().getKeyManagers(), clients.length == 0 ? null : clients, null);
        listener = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 16, InetAddress.getLoopbackAddress());
        listener.setNeedClientAuth(clients.length > 0);
        Thread thread = new Thread(this::answerAll, "tls-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return listener.getLocalPort();
    }

    private void answerAll() {
        while (!listener.isClosed()) {
            try (Socket peer = listener.accept();
                    OutputStream out = peer.getOutputStream()) {
                if (peer.getInputStream().readNBytes(HEADER_SIZE).length == HEADER_SIZE) {
                    out.write(new byte[] {'A', 'M', 'Q', 'P', 0, 1, 0, 0});
                    out.flush();
                }
            } catch (IOException e) {
                // the client or this server rejected a certificate, or the test has ended
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
