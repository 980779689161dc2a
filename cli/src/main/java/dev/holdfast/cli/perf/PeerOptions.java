package dev.holdfast.cli.perf;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.cli.common.UriConverter;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import dev.holdfast.testkit.EmbeddedBroker;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options of {@code perf} for the peer to measure against. */
@Command
final class PeerOptions {
    @Option(
            names = "--uri",
            paramLabel = "URI",
            converter = UriConverter.class,
            description = "use this broker: amqp[s]://user:password@host:port/vhost?parameters")
    private @Nullable ConnectionOptions broker;

    @Option(
            names = "--discard",
            description = "use a peer in a process of its own that checks, confirms and discards: the client alone")
    private boolean discard;

    @Option(names = "--embedded", description = "use a broker in this process; its CPU time and heap count too")
    private boolean embedded;

    /** Checks that exactly one peer is given. */
    void validate() {
        int count = (broker != null ? 1 : 0) + (discard ? 1 : 0) + (embedded ? 1 : 0);
        if (count != 1) {
            throw new IllegalArgumentException((count == 0 ? "no broker" : "--uri, --discard, --embedded: " + count)
                    + " (expected: one of --uri, --discard, --embedded)");
        }
    }

    boolean discard() {
        return discard;
    }

    /** Starts the peer, unless it is an external broker. */
    Peer start() {
        if (discard) {
            return new Peer.Discarding(DiscardingBroker.fork(ConfirmMode.PER_READ));
        }
        return embedded ? new Peer.Embedded(EmbeddedBroker.start()) : new Peer.External(brokerOptions());
    }

    private ConnectionOptions brokerOptions() {
        return broker == null ? ConnectionOptions.defaults() : broker;
    }
}
