package dev.holdfast;

import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS connection trusts, and what it shows of itself; see {@link ConnectionOptions#tls(TlsOptions)}. Immutable
 * and thread-safe.
 *
 * <pre>{@code
 * options.tls(TlsOptions.defaults().context(sslContext))   // its own trust store and client certificate
 * }</pre>
 */
public final class TlsOptions {
    private static final TlsOptions DEFAULTS = new TlsOptions(null, true, true);

    private final @Nullable SSLContext context;
    private final boolean verifyPeer;
    private final boolean verifyHostName;

    private TlsOptions(@Nullable SSLContext context, boolean verifyPeer, boolean verifyHostName) {
        this.context = context;
        this.verifyPeer = verifyPeer;
        this.verifyHostName = verifyHostName;
    }

    /** Returns the defaults: the JDK's trust store, chain and host name verified, no client certificate. */
    public static TlsOptions defaults() {
        return DEFAULTS;
    }

    /** Returns the context, null for the JDK's own. */
    public @Nullable SSLContext context() {
        return context;
    }

    /** Sets the context (trust, client certificate); default null, the JDK's own. */
    public TlsOptions context(@Nullable SSLContext context) {
        return new TlsOptions(context, verifyPeer, verifyHostName);
    }

    /** Tells whether the certificate chain of the broker is verified. */
    public boolean verifyPeer() {
        return verifyPeer;
    }

    /**
     * Switches the verification of the broker's certificate, chain and host name alike; default on. Off is for tests
     * only: anyone could be at the other end. A {@link #context(SSLContext) context} verifies chains as it likes.
     */
    public TlsOptions verifyPeer(boolean verifyPeer) {
        return new TlsOptions(context, verifyPeer, verifyPeer);
    }

    /** Tells whether the name in the certificate of the broker must be that of its address. */
    public boolean verifyHostName() {
        return verifyHostName;
    }

    /** Switches the check of the host name in the certificate; default on. */
    public TlsOptions verifyHostName(boolean verifyHostName) {
        return new TlsOptions(context, verifyPeer, verifyHostName);
    }

    /** Compares all settings, the context by identity. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsOptions that
                && context == that.context
                && verifyPeer == that.verifyPeer
                && verifyHostName == that.verifyHostName;
    }

    @Override
    public int hashCode() {
        return Objects.hash(context, verifyPeer, verifyHostName);
    }

    @Override
    public String toString() {
        return "TlsOptions{" + (context == null ? "JDK's context" : "own context") + ", verifyPeer=" + verifyPeer
                + ", verifyHostName=" + verifyHostName + "}";
    }
}
