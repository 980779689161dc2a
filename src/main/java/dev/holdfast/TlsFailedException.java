package dev.holdfast;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * No connection could be made, because TLS could not: {@link #reason()} tells what was wrong, the message with which
 * certificate. What another attempt may mend (a time-out, files that are being replaced) is {@link #recoverable()}.
 */
public final class TlsFailedException extends ConnectFailedException {
    private static final long serialVersionUID = 1L;

    /** What was wrong. */
    public enum Reason {
        /** The broker's certificate is trusted, but for other host names. */
        HOST_NAME,
        /** A certificate of the broker's chain has expired. */
        EXPIRED,
        /** A certificate of the broker's chain is not valid yet; or the clock here is wrong. */
        NOT_YET_VALID,
        /** The broker's certificate is signed by itself, and not trusted. */
        SELF_SIGNED,
        /** The broker's certificate was issued by an authority that is not trusted. */
        UNKNOWN_AUTHORITY,
        /** The broker's certificate was not accepted for another reason, which the message and the cause tell. */
        CERTIFICATE,
        /** The broker did not accept our certificate, or got none and wants one. */
        CLIENT_CERTIFICATE,
        /** TLS was spoken to a port that does not speak it. */
        PLAIN_PORT,
        /** Plain AMQP was spoken to a port that speaks TLS. */
        TLS_PORT,
        /** {@link TlsOptions#handshakeTimeout()} passed. */
        TIMEOUT,
        /** A file of certificates or keys could not be read, or its password is wrong. */
        FILES,
        /** Versions, ciphers, or what else the message tells. */
        HANDSHAKE
    }

    private final Reason reason;

    /** Makes the exception. */
    public TlsFailedException(Reason reason, String message, @Nullable Throwable cause, boolean recoverable) {
        super(message, cause, recoverable);
        this.reason = requireNonNull(reason, "reason");
    }

    private TlsFailedException(TlsFailedException original) {
        super(original);
        this.reason = original.reason;
    }

    /** Returns what was wrong. */
    public Reason reason() {
        return reason;
    }

    @Override
    TlsFailedException copy() {
        return new TlsFailedException(this);
    }
}
