package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * No connection could be opened because TLS failed: {@link #reason()} is the reason, and the message describes the
 * certificate. A reason that may not apply to another attempt (a timeout, files that are being replaced) is {@link
 * #recoverable()}.
 */
public final class TlsFailedException extends ConnectFailedException {
    private static final long serialVersionUID = 1L;

    /** Why TLS failed. */
    public enum Reason {
        /** The broker's certificate is trusted, but issued for other host names. */
        HOST_NAME,
        /** A certificate of the broker's chain has expired. */
        EXPIRED,
        /** A certificate of the broker's chain is not valid yet, or this machine's clock is wrong. */
        NOT_YET_VALID,
        /** The broker's certificate is self-signed and not trusted. */
        SELF_SIGNED,
        /** The broker's certificate was issued by an authority that is not trusted. */
        UNKNOWN_AUTHORITY,
        /** The broker's certificate was not accepted for another reason; see the message and the cause. */
        CERTIFICATE,
        /** The broker did not accept the client's certificate, or requires one and got none. */
        CLIENT_CERTIFICATE,
        /** The client uses TLS and the broker's port is plain AMQP. */
        PLAIN_PORT,
        /** The client uses plain AMQP and the broker's port requires TLS. */
        TLS_PORT,
        /** {@link TlsOptions#handshakeTimeout()} passed. */
        TIMEOUT,
        /** A certificate or key file could not be read, or its password is wrong. */
        FILES,
        /** Another failure of the handshake, such as no common version or cipher; see the message. */
        HANDSHAKE
    }

    private final Reason reason;

    /** Creates the exception. */
    public TlsFailedException(Reason reason, String message, @Nullable Throwable cause, boolean recoverable) {
        super(message, cause, recoverable);
        this.reason = requireNonNull(reason, "reason");
    }

    private TlsFailedException(TlsFailedException original) {
        super(original);
        this.reason = original.reason;
    }

    /** Returns why TLS failed. */
    public Reason reason() {
        return reason;
    }

    @Override
    TlsFailedException copy() {
        return new TlsFailedException(this);
    }
}
