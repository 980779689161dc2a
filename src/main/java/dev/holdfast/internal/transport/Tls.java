package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.TlsOptions;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** TLS by the JDK: chain and host name are verified unless the options say otherwise. Stateless. */
final class Tls {
    static final String NAME = "tls";

    private Tls() {}

    static SslHandler handler(Address address, ConnectionOptions options) {
        SSLEngine engine = context(options.tlsOptions()).createSSLEngine(address.host(), address.port());
        engine.setUseClientMode(true);
        if (options.tlsOptions().verifyHostName()) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
        }
        SslHandler handler = new SslHandler(engine);
        handler.setHandshakeTimeoutMillis(0); // the connect time-out covers it
        return handler;
    }

    private static SSLContext context(TlsOptions options) {
        SSLContext given = options.context();
        if (given != null) {
            return given;
        }
        try {
            return options.verifyPeer() ? SSLContext.getDefault() : trustingAnybody();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no TLS context from this JDK: " + e.getMessage(), e);
        }
    }

    private static SSLContext trustingAnybody() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        return context;
    }
}
