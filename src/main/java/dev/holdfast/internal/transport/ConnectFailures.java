package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectFailedException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLException;

/** The words for every way in which no connection came about. Stateless. */
final class ConnectFailures {
    private ConnectFailures() {}

    /** The name or the credentials could not be had. */
    static RuntimeException lookup(Address address, Throwable cause) {
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
            return new ConnectFailedException(
                    address + " does not speak TLS on this port: use amqp://, or the port for TLS (usually 5671)",
                    cause,
                    false);
        }
        if (cause instanceof SSLException) {
            boolean certificate = has(cause, CertificateException.class);
            String hint = certificate
                    ? " (check that the broker's certificate is trusted and names this host)"
                    : " (does this port speak TLS, with a version and a cipher that we share?)";
            return new ConnectFailedException(
                    "TLS handshake with " + address + " failed: " + cause.getMessage() + hint, cause, false);
        }
        if (cause instanceof IOException) {
            return new ConnectFailedException(
                    "connection to " + address + " lost during the TLS handshake: " + cause.getMessage()
                            + " (if this port speaks no TLS, use amqp://)",
                    cause,
                    true);
        }
        return Violations.typed(cause);
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
