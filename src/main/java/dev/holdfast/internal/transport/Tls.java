package dev.holdfast.internal.transport;

import static java.util.Objects.requireNonNull;

import dev.holdfast.Address;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.TlsFailedException;
import dev.holdfast.TlsFailedException.Reason;
import dev.holdfast.TlsOptions;
import dev.holdfast.TlsOptions.Files;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS configuration of one connect: creates its {@link SslHandler}. Trust and keys are read from the files for each
 * connect; chain and host name are verified unless the options disable it. Immutable.
 */
public final class Tls {
    static final String NAME = "tls";

    private final TlsOptions options;
    private final @Nullable SslContext context;

    private Tls(TlsOptions options, @Nullable SslContext context) {
        this.options = options;
        this.context = context;
    }

    /** Reads the files. Returns null if the options disable TLS. Blocks; never called on an event loop. */
    public static @Nullable Tls of(ConnectionOptions options) {
        if (!options.tls()) {
            return null;
        }
        TlsOptions tls = options.tlsOptions();
        return new Tls(tls, tls.context() == null ? build(tls) : null);
    }

    private static SslContext build(TlsOptions options) {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(provider(options.provider()))
                .endpointIdentificationAlgorithm(null); // set on each engine, also for contexts of the user
        if (options.verifyPeer()) {
            builder.trustManager(trust(options.trust()));
        } else {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        }
        Files clientCertificate = options.certificate();
        if (clientCertificate != null) {
            addClientCertificate(clientCertificate, builder);
        }
        try {
            return builder.build();
        } catch (IOException e) {
            throw new TlsFailedException(Reason.HANDSHAKE, "TLS cannot be set up: " + e.getMessage(), e, false);
        }
    }

    /** OPENSSL, not OPENSSL_REFCNT: there are few contexts, one for each connect, which need no explicit release. */
    private static SslProvider provider(TlsOptions.Provider requested) {
        boolean available = requested != TlsOptions.Provider.JDK && OpenSsl.isAvailable();
        if (requested == TlsOptions.Provider.OPENSSL && !available) {
            Throwable why = OpenSsl.unavailabilityCause();
            throw new TlsFailedException(
                    Reason.HANDSHAKE,
                    "TLS provider: OPENSSL is not available here (" + why
                            + "; expected: netty-tcnative-boringssl-static for this platform on the class path)",
                    why,
                    false);
        }
        return available ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    private static TrustManager trust(@Nullable Files files) {
        try {
            KeyStore trusted = files == null ? null : files.store() ? keyStore(files) : certificates(files.file());
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager extended) {
                    return new DiagnosingTrustManager(extended);
                }
            }
            throw new IllegalStateException("no trust manager for X.509 from this JDK");
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(files == null ? "the JDK's trust store" : files.toString(), e);
        }
    }

    private static KeyStore certificates(Path pem) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = java.nio.file.Files.newInputStream(pem)) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("trusted-" + store.size(), certificate);
            }
        }
        return nonEmpty(store);
    }

    private static KeyStore keyStore(Files files) throws IOException, GeneralSecurityException {
        String password = files.password();
        return nonEmpty(KeyStore.getInstance(files.file().toFile(), password == null ? null : password.toCharArray()));
    }

    private static KeyStore nonEmpty(KeyStore store) throws GeneralSecurityException {
        if (store.size() == 0) {
            throw new GeneralSecurityException("it has no readable certificate");
        }
        return store;
    }

    private static void addClientCertificate(Files files, SslContextBuilder builder) {
        try {
            Path key = files.key();
            if (key != null) {
                builder.keyManager(files.file().toFile(), key.toFile(), files.password());
                return;
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            String password = files.password();
            factory.init(keyStore(files), password == null ? null : password.toCharArray());
            builder.keyManager(factory);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unreadable(files.toString(), e);
        }
    }

    /** Recoverable: a file that is just being replaced is complete at a later attempt. */
    private static TlsFailedException unreadable(String files, Exception e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new TlsFailedException(
                Reason.FILES,
                "TLS files cannot be used: " + files + ": " + root
                        + " (expected: PEM certificates, PKCS#8 PEM keys or a key store, and the right password)",
                e,
                true);
    }

    /** Creates the handler of a connection to this address. */
    SslHandler handler(ByteBufAllocator allocator, Address address) {
        SslHandler handler = new SslHandler(engine(allocator, address));
        handler.setHandshakeTimeout(options.handshakeTimeout().toNanos(), TimeUnit.NANOSECONDS);
        return handler;
    }

    private SSLEngine engine(ByteBufAllocator allocator, Address address) {
        SSLContext given = options.context();
        SSLEngine engine = given != null
                ? given.createSSLEngine(address.host(), address.port())
                : requireNonNull(context).newEngine(allocator, address.host(), address.port());
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm(options.verifyHostName() ? "HTTPS" : null);
        engine.setSSLParameters(parameters);
        return engine;
    }
}
