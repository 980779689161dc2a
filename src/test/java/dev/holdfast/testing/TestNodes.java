package dev.holdfast.testing;

import dev.holdfast.testkit.RabbitNode;
import dev.holdfast.testkit.RabbitVersion;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * The nodes of {@link NodeTest}s: one of each version for the whole run, with a port for TLS. It starts at its first
 * use and ends with this JVM.
 */
public final class TestNodes {
    static final String STARTED_BY_TESTS = "started by the tests";

    private static final Map<RabbitVersion, RabbitNode> RUNNING = new EnumMap<>(RabbitVersion.class);
    private static final Certificates CERTIFICATES = new Certificates("Holdfast's authority");

    private TestNodes() {}

    /** The authority of the nodes' certificates. */
    public static Certificates certificates() {
        return CERTIFICATES;
    }

    /** A running node of this version. A test that failed may have left it killed. */
    static RabbitNode running(RabbitVersion version) {
        synchronized (RUNNING) {
            RabbitNode node = RUNNING.computeIfAbsent(version, TestNodes::start);
            node.boot();
            return node;
        }
    }

    private static RabbitNode start(RabbitVersion version) {
        try {
            Path folder = Files.createTempDirectory("holdfast-node-tls-");
            X509Bundle server = CERTIFICATES.server();
            Path authority = Certificates.write(
                    folder.resolve("authority.pem"), CERTIFICATES.authority().getCertificatePEM());
            Path certificate = Certificates.write(folder.resolve("server.pem"), server.getCertificatePEM());
            Path key = Certificates.write(folder.resolve("server.key"), server.getPrivateKeyPEM());
            for (Path file : new Path[] {folder, authority, certificate, key}) {
                file.toFile().deleteOnExit(); // in reverse order
            }
            return RabbitNode.startWithTls(version, authority, certificate, key);
        } catch (Exception e) {
            throw new IllegalStateException("a node of " + version + " cannot be started", e);
        }
    }

    /** The name of these nodes in reports, the same as that of the shared broker of this version. */
    static String name(RabbitVersion version) {
        return "RabbitMQ " + version.number() + " (" + STARTED_BY_TESTS + ")";
    }
}
