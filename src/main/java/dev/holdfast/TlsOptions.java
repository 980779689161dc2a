package dev.holdfast;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The settings of TLS: trusted certificates, client certificate and verification of the broker; see {@link
 * ConnectionOptions#tls(TlsOptions)}. Immutable and thread-safe; withers return a copy.
 *
 * <pre>{@code
 * options.tls(TlsOptions.defaults().trust(Path.of("ca.pem")).certificate(Path.of("me.pem"), Path.of("me.key")))
 * }</pre>
 *
 * <p>Each connect reads the files again, so certificates can be replaced while a connection is open: the next reconnect
 * uses the new ones. A file that cannot be read fails that connect with {@link TlsFailedException.Reason#FILES}.
 */
public final class TlsOptions {
    private static final TlsOptions DEFAULTS = new TlsOptions(new Values());

    /** Not changed after construction of this object: its final field publishes it safely to other threads. */
    private final Values values;

    /** The values, with their defaults. Only the wither that made a copy changes it. */
    private static final class Values implements Cloneable {
        @Nullable
        SSLContext context;

        @Nullable
        Files trust;

        @Nullable
        Files certificate;

        boolean verifyPeer = true;
        boolean verifyHostName = true;
        Provider provider = Provider.AUTO;
        Duration handshakeTimeout = Duration.ofSeconds(10);

        List<@Nullable Object> all() {
            return Arrays.asList(context, trust, certificate, verifyPeer, verifyHostName, provider, handshakeTimeout);
        }

        Values copy() {
            try {
                return (Values) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /**
     * A certificate file, with its private key and password.
     *
     * @param file PEM certificates, or a key store (PKCS12, or another type that the JDK supports)
     * @param key the PEM private key (PKCS#8) of the first certificate, null for none or for a key store
     * @param password the password of the private key or the key store, null for none; never logged
     * @param store whether the file is a key store
     */
    public record Files(
            Path file, @Nullable Path key, @Nullable String password, boolean store) {
        /** Checks that the file is not null. */
        public Files {
            requireNonNull(file, "file");
        }

        /** Returns the names of the files, without the password. */
        @Override
        public String toString() {
            return file + (key == null ? "" : " with " + key);
        }
    }

    /** Chooses the TLS implementation; see {@link #provider(Provider)}. */
    public enum Provider {
        /** OpenSSL if netty-tcnative is on the class path and loads, else the JDK; for an SSLContext the JDK. */
        AUTO,
        /** The implementation of the JDK. */
        JDK,
        /** OpenSSL or BoringSSL through netty-tcnative, at less CPU per byte; the connect fails if it does not load. */
        OPENSSL
    }

    private TlsOptions(Values values) {
        this.values = values;
        if (values.context != null && (values.trust != null || values.certificate != null)) {
            throw new IllegalArgumentException("context: with files (expected: an SSLContext or files, not both)");
        }
        if (values.context != null && values.provider == Provider.OPENSSL) {
            throw new IllegalArgumentException("provider: OPENSSL (expected: AUTO or JDK with an SSLContext)");
        }
    }

    private TlsOptions with(Consumer<Values> change) {
        Values copy = values.copy();
        change.accept(copy);
        return new TlsOptions(copy);
    }

    /**
     * Returns the defaults: the JDK's trust store (or that of {@code javax.net.ssl.trustStore}), chain and host name
     * verified, no client certificate.
     */
    public static TlsOptions defaults() {
        return DEFAULTS;
    }

    /** Returns the SSLContext, null for one built from the other settings. */
    public @Nullable SSLContext context() {
        return values.context;
    }

    /**
     * Sets an SSLContext with trust and client certificate, in place of files; default null. The context verifies
     * chains by its own rules; {@link #verifyHostName()} still applies.
     *
     * @throws IllegalArgumentException if files are set, or the provider is {@link Provider#OPENSSL}
     */
    public TlsOptions context(@Nullable SSLContext context) {
        return with(v -> v.context = context);
    }

    /** Returns the trusted certificates, null for the JDK's trust store. */
    public @Nullable Files trust() {
        return values.trust;
    }

    /** Trusts the certificates of a PEM file, and no others. */
    public TlsOptions trust(Path pem) {
        return trust(new Files(pem, null, null, false));
    }

    /** Trusts the certificates of a key store (PKCS12, JKS), and no others. A wrong password fails the connect. */
    public TlsOptions trustStore(Path store, @Nullable String password) {
        return trust(new Files(store, null, password, true));
    }

    private TlsOptions trust(Files trust) {
        return with(v -> v.trust = trust);
    }

    /** Returns the client certificate, null for none. */
    public @Nullable Files certificate() {
        return values.certificate;
    }

    /** Sets the client certificate: a PEM file with the certificate and its chain, and its private key in PKCS#8. */
    public TlsOptions certificate(Path pem, Path key) {
        return certificate(pem, key, null);
    }

    /** Sets the client certificate as {@link #certificate(Path, Path)} does, with the password of its private key. */
    public TlsOptions certificate(Path pem, Path key, @Nullable String keyPassword) {
        return certificate(new Files(pem, requireNonNull(key, "key"), keyPassword, false));
    }

    /** Sets the client certificate of a key store (PKCS12, JKS) whose keys have the password of the store. */
    public TlsOptions keyStore(Path store, @Nullable String password) {
        return certificate(new Files(store, null, password, true));
    }

    private TlsOptions certificate(Files certificate) {
        return with(v -> v.certificate = certificate);
    }

    /** Returns whether the certificate chain of the broker is verified. */
    public boolean verifyPeer() {
        return values.verifyPeer;
    }

    /**
     * Sets whether the broker's certificate is verified, both chain and host name; default true. False is for tests
     * only: any certificate is accepted. A {@link #context(SSLContext) context} verifies chains by its own rules.
     */
    public TlsOptions verifyPeer(boolean verifyPeer) {
        return with(v -> {
            v.verifyPeer = verifyPeer;
            v.verifyHostName = verifyPeer;
        });
    }

    /** Returns whether the certificate of the broker must match the host of its address. */
    public boolean verifyHostName() {
        return values.verifyHostName;
    }

    /** Sets whether the certificate of the broker must match the host of its address; default true. */
    public TlsOptions verifyHostName(boolean verifyHostName) {
        return with(v -> v.verifyHostName = verifyHostName);
    }

    /** Returns the TLS implementation. */
    public Provider provider() {
        return values.provider;
    }

    /** Sets the TLS implementation; default {@link Provider#AUTO}. {@link Provider#OPENSSL} takes no SSLContext. */
    public TlsOptions provider(Provider provider) {
        return with(v -> v.provider = requireNonNull(provider, "provider"));
    }

    /** Returns the time limit of the TLS handshake. */
    public Duration handshakeTimeout() {
        return values.handshakeTimeout;
    }

    /**
     * Sets the time limit of the TLS handshake, counted from the TCP connect; above 0, at most 3650 days, default 10 s.
     * {@link ConnectionOptions#connectTimeout()} limits it too.
     */
    public TlsOptions handshakeTimeout(Duration handshakeTimeout) {
        return with(v -> v.handshakeTimeout = Arguments.positive("handshakeTimeout", handshakeTimeout));
    }

    /** Compares all settings, the context by identity. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsOptions that && values.all().equals(that.values.all());
    }

    @Override
    public int hashCode() {
        return values.all().hashCode();
    }

    /** Returns the settings, without passwords. */
    @Override
    public String toString() {
        return "TlsOptions{" + (values.context == null ? "trust=" + values.trust : "own context") + ", certificate="
                + values.certificate + ", verifyPeer=" + values.verifyPeer + ", verifyHostName="
                + values.verifyHostName + ", provider=" + values.provider + "}";
    }
}
