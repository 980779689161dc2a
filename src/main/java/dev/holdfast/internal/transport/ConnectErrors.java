package dev.holdfast.internal.transport;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.TlsFailedException;
import dev.holdfast.TlsFailedException.Reason;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;

/** Translates the failures of a connect into typed exceptions whose messages suggest a cause. Stateless. */
public final class ConnectErrors {
    private ConnectErrors() {}

    /**
     * Host name, credentials or TLS files were not available.
     *
     * @param target the address, or all addresses of the round
     */
    public static AmqpException inputs(String target, Throwable cause) {
        if (cause instanceof AmqpException typed) {
            return typed;
        }
        if (cause instanceof TimeoutException) {
            return new ConnectFailedException("cannot connect to " + target + ": " + cause.getMessage(), cause, true);
        }
        if (cause instanceof UnknownHostException) {
            return new ConnectFailedException(
                    "unknown host: " + target + " (check the host name and DNS)", cause, true);
        }
        return new ConnectFailedException(
                "no credentials for " + target + ": the supplier failed with "
                        + cause.getClass().getName(),
                cause,
                true);
    }

    /** TCP did not connect. */
    static RuntimeException tcp(ConnectTarget target, Throwable cause) {
        boolean refused = cause instanceof ConnectException
                && String.valueOf(cause.getMessage()).contains("refused");
        String message = refused
                ? "connection refused: " + target + " (is the broker running, and is this its port?)"
                : "cannot connect to " + target + ": " + cause.getMessage();
        return new ConnectFailedException(message, cause, true);
    }

    /**
     * connectTimeout has expired.
     *
     * @param step what the client was waiting for
     */
    public static ConnectFailedException timeout(String target, Duration limit, String step) {
        return new ConnectFailedException(
                "no answer from " + target + " within " + limit.toMillis() + " ms: still waiting for " + step
                        + " (is it an AMQP broker, and is it overloaded? connectTimeout sets the limit)",
                null,
                true);
    }

    /** TLS or the AMQP handshake failed. An IllegalArgumentException is returned as it is: the options caused it. */
    static RuntimeException handshake(ConnectTarget target, Throwable cause) {
        if (cause instanceof AmqpException || cause instanceof IllegalArgumentException) {
            return (RuntimeException) cause;
        }
        if (cause instanceof SSLException) {
            return tls(target, cause);
        }
        if (cause instanceof IOException) {
            return new ConnectFailedException(
                    "connection to " + target + " lost during the TLS handshake: " + cause.getMessage()
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
    private static TlsFailedException tls(ConnectTarget target, Throwable cause) {
        DiagnosingTrustManager.RejectedException rejected =
                ExceptionTranslator.find(cause, DiagnosingTrustManager.RejectedException.class);
        if (rejected != null) {
            String message = "certificate of " + target + " " + rejected.getMessage();
            return new TlsFailedException(rejected.reason, message, cause, false);
        }
        CertificateException certificate = ExceptionTranslator.find(cause, CertificateException.class);
        if (certificate != null) {
            boolean unknown = ExceptionTranslator.find(cause, CertPathBuilderException.class) != null;
            Reason reason = ExceptionTranslator.find(cause, CertificateExpiredException.class) != null
                    ? Reason.EXPIRED
                    : unknown ? Reason.UNKNOWN_AUTHORITY : Reason.CERTIFICATE;
            String message = "certificate of " + target + " is not accepted: " + certificate.getMessage();
            return new TlsFailedException(reason, message, cause, false);
        }
        if (cause instanceof SslHandshakeTimeoutException) {
            String message = "no answer from " + target + " in the TLS handshake"
                    + " (does this port speak TLS? TlsOptions.handshakeTimeout sets the limit)";
            return new TlsFailedException(Reason.TIMEOUT, message, cause, true);
        }
        if (isClientCertificateAlert(cause)) {
            String message = target + " rejects the client certificate, or requires one: " + cause.getMessage();
            return new TlsFailedException(Reason.CLIENT_CERTIFICATE, message, cause, false);
        }
        String message = "TLS handshake with " + target + " failed: " + cause.getMessage()
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

    /**
     * The failure of a round: its type is that of the last recoverable failure if there is one, else that of the last;
     * its message has those of all addresses, and the other failures are suppressed in it.
     */
    public static AmqpException together(List<AmqpException> failures) {
        AmqpException last = failures.get(failures.size() - 1);
        if (failures.size() == 1) {
            return last;
        }
        AmqpException kept = last;
        for (AmqpException failure : failures) {
            kept = failure.recoverable() || !kept.recoverable() ? failure : kept;
        }
        String message = failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
        AmqpException all = copy(
                kept, "none of " + failures.size() + " addresses can be connected: " + message, kept.recoverable());
        for (AmqpException failure : failures) {
            if (failure != kept) {
                all.addSuppressed(failure);
            }
        }
        return all;
    }

    /** Returns an exception of the same type, or a ConnectFailedException, with this message and this cause. */
    public static AmqpException copy(AmqpException cause, String message, boolean recoverable) {
        if (cause instanceof AuthenticationFailedException refused) {
            return new AuthenticationFailedException(message, cause, refused.replyCode(), recoverable);
        }
        if (cause instanceof TlsFailedException tls) {
            return new TlsFailedException(tls.reason(), message, cause, recoverable);
        }
        if (cause instanceof AmqpProtocolException violation && !recoverable) {
            return new AmqpProtocolException(message, violation.replyCode(), cause);
        }
        return cause instanceof AmqpConnectionException other
                ? new ConnectFailedException(message, cause, other.replyCode(), other.initiator(), recoverable)
                : new ConnectFailedException(message, cause, recoverable);
    }
}
