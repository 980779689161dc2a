package dev.holdfast.internal.transport;

import dev.holdfast.TlsFailedException.Reason;
import java.net.Socket;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Delegates to a trust manager of the JDK and determines why it rejected a chain. Only a trust manager has access to
 * the chain, and the exception messages of providers differ. Thread-safe.
 */
final class DiagnosingTrustManager extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager delegate;

    DiagnosingTrustManager(X509ExtendedTrustManager delegate) {
        this.delegate = delegate;
    }

    /** Thrown for a rejected chain. */
    static final class RejectedException extends CertificateException {
        private static final long serialVersionUID = 1L;

        final Reason reason;

        RejectedException(Reason reason, String message, CertificateException cause) {
            super(message, cause);
            this.reason = reason;
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            delegate.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw rejection(chain, authType, e);
        }
    }

    private RejectedException rejection(X509Certificate[] chain, String authType, CertificateException cause) {
        for (X509Certificate certificate : chain) {
            try {
                certificate.checkValidity();
            } catch (CertificateExpiredException e) {
                String when = "expired on " + certificate.getNotAfter().toInstant();
                return new RejectedException(Reason.EXPIRED, when + " (" + subject(certificate) + ")", cause);
            } catch (CertificateNotYetValidException e) {
                String when =
                        "is not valid before " + certificate.getNotBefore().toInstant();
                return new RejectedException(Reason.NOT_YET_VALID, when + " (" + subject(certificate) + ")", cause);
            }
        }
        X509Certificate leaf = chain[0];
        if (isTrusted(chain, authType)) {
            return new RejectedException(Reason.HOST_NAME, "is for other names: " + names(leaf), cause);
        }
        String issuer = leaf.getIssuerX500Principal().getName();
        if (ExceptionTranslator.find(cause, CertPathBuilderException.class) == null) {
            return new RejectedException(Reason.CERTIFICATE, "is not accepted: " + cause.getMessage(), cause);
        }
        return leaf.getSubjectX500Principal().equals(leaf.getIssuerX500Principal())
                ? new RejectedException(
                        Reason.SELF_SIGNED, "is self-signed and not trusted (" + subject(leaf) + ")", cause)
                : new RejectedException(
                        Reason.UNKNOWN_AUTHORITY,
                        "was issued by an authority that is not trusted: " + issuer + " (" + subject(leaf) + ")",
                        cause);
    }

    /** Without an engine, the delegate does not check the host name. */
    private boolean isTrusted(X509Certificate[] chain, String authType) {
        try {
            delegate.checkServerTrusted(chain, authType);
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    private static String subject(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    private static String names(X509Certificate leaf) {
        try {
            Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
            return alternatives == null
                    ? subject(leaf)
                    : alternatives.stream()
                            .map(name -> String.valueOf(name.get(1)))
                            .collect(Collectors.joining(", "));
        } catch (CertificateException e) {
            return subject(leaf);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        delegate.checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        delegate.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        delegate.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        delegate.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        delegate.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return delegate.getAcceptedIssuers();
    }
}
