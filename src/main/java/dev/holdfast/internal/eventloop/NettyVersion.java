package dev.holdfast.internal.eventloop;

import io.netty.util.Version;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Explains linkage errors that a Netty older than 4.2 causes. Refers to no class that Netty 4.1 lacks. Stateless. */
public final class NettyVersion {
    private NettyVersion() {}

    /** Throws an {@link IllegalStateException} that names the artifacts of an older Netty, if there are any. */
    public static void explain(LinkageError error) {
        String old = new TreeMap<>(Version.identify(NettyVersion.class.getClassLoader()))
                .values().stream()
                        .filter(artifact -> artifact.artifactVersion().matches("4\\.[01]\\..*"))
                        .map(artifact -> artifact.artifactId() + " " + artifact.artifactVersion())
                        .collect(Collectors.joining(", "));
        if (!old.isEmpty()) {
            throw new IllegalStateException(
                    "Holdfast needs Netty 4.2, found " + old
                            + " (is the version set by a BOM or by another library of the application?)",
                    error);
        }
    }
}
