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
 * Decides as the JDK does, and says what is wrong with a chain that it refuses: only here is the chain still at hand,
 * and providers word their refusals differently. Thread-safe.
 */
final class DiagnosingTrustManager extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager decides;

    DiagnosingTrustManager(X509ExtendedTrustManager decides) {
        this.decides = decides;
    }

    /** A chain was refused, for this reason. */
    static final class Refusal extends CertificateException {
        private static final long serialVersionUID = 1L;

        final Reason reason;

        Refusal(Reason reason, String message, CertificateException cause) {
            super(message, cause);
            this.reason = reason;
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            decides.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw refusal(chain, authType, e);
        }
    }

    private Refusal refusal(X509Certificate[] chain, String authType, CertificateException cause) {
        for (X509Certificate each : chain) {
            try {
                each.checkValidity();
            } catch (CertificateExpiredException e) {
                String when = "expired on " + each.getNotAfter().toInstant();
                return new Refusal(Reason.EXPIRED, when + " (" + subject(each) + ")", cause);
            } catch (CertificateNotYetValidException e) {
                String when = "is not valid before " + each.getNotBefore().toInstant();
                return new Refusal(Reason.NOT_YET_VALID, when + " (" + subject(each) + ")", cause);
            }
        }
        X509Certificate leaf = chain[0];
        if (isTrusted(chain, authType)) {
            return new Refusal(Reason.HOST_NAME, "is for other names: " + names(leaf), cause);
        }
        String issuer = leaf.getIssuerX500Principal().getName();
        if (ExceptionTranslator.find(cause, CertPathBuilderException.class) == null) {
            return new Refusal(Reason.CERTIFICATE, "is not accepted: " + cause.getMessage(), cause);
        }
        return leaf.getSubjectX500Principal().equals(leaf.getIssuerX500Principal())
                ? new Refusal(Reason.SELF_SIGNED, "is self-signed and not trusted (" + subject(leaf) + ")", cause)
                : new Refusal(
                        Reason.UNKNOWN_AUTHORITY,
                        "was issued by an authority that is not trusted: " + issuer + " (" + subject(leaf) + ")",
                        cause);
    }

    /** Without an engine the host name is not asked for. */
    private boolean isTrusted(X509Certificate[] chain, String authType) {
        try {
            decides.checkServerTrusted(chain, authType);
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
                            .map(each -> String.valueOf(each.get(1)))
                            .collect(Collectors.joining(", "));
        } catch (CertificateException e) {
            return subject(leaf);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        decides.checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        decides.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        decides.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        decides.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        decides.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return decides.getAcceptedIssuers();
    }
}
