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
 * What a TLS connection trusts, and what it shows of itself; see {@link ConnectionOptions#tls(TlsOptions)}. Immutable
 * and thread-safe.
 *
 * <pre>{@code
 * options.tls(TlsOptions.defaults().trust(Path.of("ca.pem")).certificate(Path.of("me.pem"), Path.of("me.key")))
 * }</pre>
 *
 * <p>Files are read anew at every connect, so that certificates can be replaced under a running connection: the next
 * reconnect shows and trusts the new ones. One that cannot be read fails that connect, as {@link
 * TlsFailedException.Reason#FILES}.
 */
public final class TlsOptions {
    private static final TlsOptions DEFAULTS = new TlsOptions(new Values());

    /** Never changed once a TlsOptions holds it: its final field publishes it safely to other threads. */
    private final Values values;

    /** Changed only by the wither that has just made the copy. */
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
     * Certificates in a file, with what it takes to read it.
     *
     * @param file PEM certificates, or a key store (PKCS12, or another that the JDK knows)
     * @param key the PEM private key (PKCS#8) of the first certificate, null for none or for a key store
     * @param password of the private key or the key store, null for none; never shown
     * @param store whether the file is a key store
     */
    public record Files(
            Path file, @Nullable Path key, @Nullable String password, boolean store) {
        /** Makes the value. */
        public Files {
            requireNonNull(file, "file");
        }

        /** Returns the names of the files. */
        @Override
        public String toString() {
            return file + (key == null ? "" : " with " + key);
        }
    }

    /** Chooses the TLS implementation; see {@link #provider(Provider)}. */
    public enum Provider {
        /** OpenSSL where netty-tcnative is on the class path and loads, else the JDK; the JDK for an SSLContext. */
        AUTO,
        /** The JDK's. */
        JDK,
        /** OpenSSL (or BoringSSL) by netty-tcnative, at less CPU per byte; refused where it cannot be loaded. */
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
     * Returns the defaults: the JDK's trust store ({@code javax.net.ssl.trustStore} is obeyed), chain and host name
     * verified, no client certificate.
     */
    public static TlsOptions defaults() {
        return DEFAULTS;
    }

    /** Returns the context, null for one made of the other options. */
    public @Nullable SSLContext context() {
        return values.context;
    }

    /**
     * Sets a context of your own (trust, client certificate), in place of files; default null. It verifies chains as it
     * likes; the host name is asked for all the same.
     */
    public TlsOptions context(@Nullable SSLContext context) {
        return with(v -> v.context = context);
    }

    /** Returns whom to trust, null for the JDK's trust store. */
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

    /** Shows a client certificate: a PEM file with it and those that lead to its authority, and its key in PKCS#8. */
    public TlsOptions certificate(Path pem, Path key) {
        return certificate(pem, key, null);
    }

    /** Shows a client certificate as {@link #certificate(Path, Path)}, with the password of its key. */
    public TlsOptions certificate(Path pem, Path key, @Nullable String keyPassword) {
        return certificate(new Files(pem, requireNonNull(key, "key"), keyPassword, false));
    }

    /** Shows the client certificate of a key store (PKCS12, JKS) whose keys have the password of the store. */
    public TlsOptions keyStore(Path store, @Nullable String password) {
        return certificate(new Files(store, null, password, true));
    }

    private TlsOptions certificate(Files certificate) {
        return with(v -> v.certificate = certificate);
    }

    /** Tells whether the certificate chain of the broker is verified. */
    public boolean verifyPeer() {
        return values.verifyPeer;
    }

    /**
     * Switches the verification of the broker's certificate, chain and host name alike; default on. Off is for tests
     * only: anyone could be at the other end. A {@link #context(SSLContext) context} verifies chains as it likes.
     */
    public TlsOptions verifyPeer(boolean verifyPeer) {
        return with(v -> {
            v.verifyPeer = verifyPeer;
            v.verifyHostName = verifyPeer;
        });
    }

    /** Tells whether the name in the certificate of the broker must be that of its address. */
    public boolean verifyHostName() {
        return values.verifyHostName;
    }

    /** Switches the check of the host name in the certificate; default on. */
    public TlsOptions verifyHostName(boolean verifyHostName) {
        return with(v -> v.verifyHostName = verifyHostName);
    }

    /** Returns whose TLS is spoken. */
    public Provider provider() {
        return values.provider;
    }

    /** Sets whose TLS is spoken; default {@link Provider#AUTO}. */
    public TlsOptions provider(Provider provider) {
        return with(v -> v.provider = requireNonNull(provider, "provider"));
    }

    /** Returns how long the TLS handshake may take. */
    public Duration handshakeTimeout() {
        return values.handshakeTimeout;
    }

    /**
     * Sets how long the TLS handshake may take, from the moment TCP is connected; default 10 s. {@link
     * ConnectionOptions#connectTimeout()} bounds it too.
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
