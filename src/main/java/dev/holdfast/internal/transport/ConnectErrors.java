package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.TlsFailedException;
import dev.holdfast.TlsFailedException.Reason;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** The words for every way in which no connection came about. Stateless. */
final class ConnectErrors {
    private ConnectErrors() {}

    /** The name, the credentials or the files of TLS could not be had. */
    static RuntimeException lookup(Address address, Throwable cause) {
        if (cause instanceof TlsFailedException known) {
            return known;
        }
        if (cause instanceof UnknownHostException) {
            return new ConnectFailedException(
                    "unknown host: " + address + " (check the name, and that DNS answers)", cause, true);
        }
        return new ConnectFailedException(
                "no credentials for " + address + ": their supplier failed with "
                        + cause.getClass().getName(),
                cause,
                true);
    }

    /** TCP did not connect. */
    static RuntimeException tcp(Address address, Throwable cause) {
        boolean refused = cause instanceof ConnectException
                && String.valueOf(cause.getMessage()).contains("refused");
        String message = refused
                ? "connection refused: " + address + " (is the broker running, and is this its port?)"
                : "cannot connect to " + address + ": " + cause.getMessage();
        return new ConnectFailedException(message, cause, true);
    }

    /** {@code step} is what was waited for. */
    static ConnectFailedException timeout(Address address, Duration after, String step) {
        return new ConnectFailedException(
                "no answer from " + address + " within " + after.toMillis() + " ms: still waiting for " + step
                        + " (is it a broker, and does it have room? connectTimeout sets the time)",
                null,
                true);
    }

    /** TLS or the AMQP handshake failed; an IllegalArgumentException stays one: the options are at fault. */
    static RuntimeException handshake(Address address, Throwable cause) {
        if (cause instanceof AmqpException || cause instanceof IllegalArgumentException) {
            return (RuntimeException) cause;
        }
        if (cause instanceof NotSslRecordException) {
            return new TlsFailedException(
                    Reason.PLAIN_PORT,
                    address + " does not speak TLS on this port: use amqp://, or the port for TLS (usually 5671)",
                    cause,
                    false);
        }
        if (cause instanceof SSLException) {
            return tls(address, cause);
        }
        if (cause instanceof IOException) {
            return new ConnectFailedException(
                    "connection to " + address + " lost during the TLS handshake: " + cause.getMessage()
                            + " (if this port speaks no TLS, use amqp://)",
                    cause,
                    true);
        }
        return ExceptionTranslator.typed(cause);
    }

    /** What was wrong is said by our own judge, by the JDK's exceptions where a context has its own, or by an alert. */
    private static TlsFailedException tls(Address address, Throwable cause) {
        DiagnosingTrustManager.Refusal refusal = ExceptionTranslator.find(cause, DiagnosingTrustManager.Refusal.class);
        if (refusal != null) {
            String message = "certificate of " + address + " " + refusal.getMessage();
            return new TlsFailedException(refusal.reason, message, cause, false);
        }
        CertificateException certificate = ExceptionTranslator.find(cause, CertificateException.class);
        if (certificate != null) {
            boolean unknown = ExceptionTranslator.find(cause, CertPathBuilderException.class) != null;
            Reason reason = ExceptionTranslator.find(cause, CertificateExpiredException.class) != null
                    ? Reason.EXPIRED
                    : unknown ? Reason.UNKNOWN_AUTHORITY : Reason.CERTIFICATE;
            String message = "certificate of " + address + " is not accepted: " + certificate.getMessage();
            return new TlsFailedException(reason, message, cause, false);
        }
        if (cause instanceof SslHandshakeTimeoutException) {
            String message = "no answer from " + address + " in the TLS handshake"
                    + " (does this port speak TLS? TlsOptions.handshakeTimeout sets the time)";
            return new TlsFailedException(Reason.TIMEOUT, message, cause, true);
        }
        if (isAboutOurCertificate(cause)) {
            String message = address + " does not accept our certificate, or wants one: " + cause.getMessage();
            return new TlsFailedException(Reason.CLIENT_CERTIFICATE, message, cause, false);
        }
        String message = "TLS handshake with " + address + " failed: " + cause.getMessage()
                + " (does this port speak TLS, with a version and a cipher that we share?)";
        return new TlsFailedException(Reason.HANDSHAKE, message, cause, false);
    }

    /** An alert that names a certificate means ours: JDK "alert: bad_certificate", OpenSSL "ALERT_BAD_CERTIFICATE". */
    private static boolean isAboutOurCertificate(Throwable cause) {
        String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return words.contains("alert") && (words.contains("certificate") || words.contains("unknown_ca"));
    }
}
