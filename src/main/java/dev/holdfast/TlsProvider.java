package dev.holdfast;

/** Whose TLS a connection speaks; see {@link TlsOptions#provider(TlsProvider)}. */
public enum TlsProvider {
    /** OpenSSL where netty-tcnative is on the class path and loads, else the JDK; the JDK for an SSLContext. */
    AUTO,
    /** The JDK's. */
    JDK,
    /** OpenSSL (or BoringSSL) by netty-tcnative, at less CPU per byte; refused where it cannot be loaded. */
    OPENSSL
}
