package dev.holdfast.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;

/** A certificate authority for one test, and the certificates that it issues. */
public final class Certificates {
    private final X509Bundle authority;

    /** Creates an authority of this name. */
    public Certificates(String name) {
        try {
            authority = new CertificateBuilder()
                    .ecp256()
                    .subject("CN=" + name)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException("certificate cannot be made", e);
        }
    }

    /** The authority itself. */
    public X509Bundle authority() {
        return authority;
    }

    /** A certificate for the machine that tests run on, valid now. */
    public X509Bundle server() throws Exception {
        return forLocalhost().buildIssuedBy(authority);
    }

    /** A certificate for the machine that tests run on, valid until yesterday. */
    public X509Bundle expired() throws Exception {
        return untilYesterday(forLocalhost()).buildIssuedBy(authority);
    }

    /** A certificate for another machine. */
    public X509Bundle elsewhere() throws Exception {
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=elsewhere.example")
                .addSanDnsName("elsewhere.example")
                .buildIssuedBy(authority);
    }

    /** A certificate of a client. */
    public X509Bundle client(String name) throws Exception {
        return forClient(name).buildIssuedBy(authority);
    }

    /** A certificate of a client, valid until yesterday. */
    public X509Bundle expiredClient(String name) throws Exception {
        return untilYesterday(forClient(name)).buildIssuedBy(authority);
    }

    private static CertificateBuilder forClient(String name) {
        return new CertificateBuilder().ecp256().subject("CN=" + name).addExtendedKeyUsageClientAuth();
    }

    private static CertificateBuilder untilYesterday(CertificateBuilder builder) {
        Instant yesterday = Instant.now().minus(Duration.ofDays(1));
        return builder.notBefore(yesterday.minus(Duration.ofDays(1))).notAfter(yesterday);
    }

    /** A self-signed certificate for the machine that tests run on. */
    public static X509Bundle selfSigned() throws Exception {
        return forLocalhost().setIsCertificateAuthority(true).buildSelfSigned();
    }

    private static CertificateBuilder forLocalhost() {
        return new CertificateBuilder()
                .ecp256()
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .addSanIpAddress("127.0.0.1")
                .addExtendedKeyUsageServerAuth();
    }

    /** Writes text atomically: a reader never sees a part of it. */
    public static Path write(Path file, String text) throws IOException {
        Path temporary = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
        return Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Writes a key store of type PKCS12. */
    public static Path write(Path file, KeyStore store, String password) throws Exception {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, password.toCharArray());
        }
        return file;
    }
}
