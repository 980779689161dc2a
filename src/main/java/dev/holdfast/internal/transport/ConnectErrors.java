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
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Translates the failures of a connect into typed exceptions whose messages suggest a cause. Stateless. */
final class ConnectErrors {
    private ConnectErrors() {}

    /** Host name, credentials or TLS files were not available. */
    static RuntimeException inputs(Address address, Throwable cause) {
        if (cause instanceof TlsFailedException typed) {
            return typed;
        }
        if (cause instanceof TimeoutException) {
            return new ConnectFailedException("cannot connect to " + address + ": " + cause.getMessage(), cause, true);
        }
        if (cause instanceof UnknownHostException) {
            return new ConnectFailedException(
                    "unknown host: " + address + " (check the host name and DNS)", cause, true);
        }
        return new ConnectFailedException(
                "no credentials for " + address + ": the supplier failed with "
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

    /**
     * connectTimeout has expired.
     *
     * @param step what the client was waiting for
     */
    static ConnectFailedException timeout(Address address, Duration limit, String step) {
        return new ConnectFailedException(
                "no answer from " + address + " within " + limit.toMillis() + " ms: still waiting for " + step
                        + " (is it an AMQP broker, and is it overloaded? connectTimeout sets the limit)",
                null,
                true);
    }

    /** TLS or the AMQP handshake failed. An IllegalArgumentException is returned as it is: the options caused it. */
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
                            + " (if this port does not speak TLS, use amqp://)",
                    cause,
                    true);
        }
        return ExceptionTranslator.typed(cause);
    }

    /**
     * Takes the reason from {@link DiagnosingTrustManager}, from the exceptions of the JDK if the user's SSLContext has
     * another trust manager, or from an alert.
     */
    private static TlsFailedException tls(Address address, Throwable cause) {
        DiagnosingTrustManager.RejectedException rejected =
                ExceptionTranslator.find(cause, DiagnosingTrustManager.RejectedException.class);
        if (rejected != null) {
            String message = "certificate of " + address + " " + rejected.getMessage();
            return new TlsFailedException(rejected.reason, message, cause, false);
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
                    + " (does this port speak TLS? TlsOptions.handshakeTimeout sets the limit)";
            return new TlsFailedException(Reason.TIMEOUT, message, cause, true);
        }
        if (isClientCertificateAlert(cause)) {
            String message = address + " rejects the client certificate, or requires one: " + cause.getMessage();
            return new TlsFailedException(Reason.CLIENT_CERTIFICATE, message, cause, false);
        }
        String message = "TLS handshake with " + address + " failed: " + cause.getMessage()
                + " (does this port speak TLS, with a version and a cipher that both sides support?)";
        return new TlsFailedException(Reason.HANDSHAKE, message, cause, false);
    }

    /**
     * An alert about a certificate means that of the client: JDK "bad_certificate", OpenSSL "ALERT_BAD_CERTIFICATE".
     */
    private static boolean isClientCertificateAlert(Throwable cause) {
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("alert") && (text.contains("certificate") || text.contains("unknown_ca"));
    }
}
