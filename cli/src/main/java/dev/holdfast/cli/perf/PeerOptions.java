package dev.holdfast.cli.perf;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.cli.common.UriConverter;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import dev.holdfast.testkit.EmbeddedBroker;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What is measured against. */
@Command
final class PeerOptions {
    @Option(
            names = "--uri",
            paramLabel = "URI",
            converter = UriConverter.class,
            description = "measure against this broker: amqp[s]://user:password@host:port/vhost?parameters")
    private @Nullable ConnectionOptions broker;

    @Option(
            names = "--discard",
            description = "against a peer in a process of its own that checks, confirms and forgets: the client alone")
    private boolean discard;

    @Option(names = "--embedded", description = "against a broker in this process, whose work is counted too")
    private boolean embedded;

    /** Refuses none, and more than one. */
    void check() {
        int named = (broker != null ? 1 : 0) + (discard ? 1 : 0) + (embedded ? 1 : 0);
        if (named != 1) {
            throw new IllegalArgumentException((named == 0 ? "no broker" : "--uri, --discard, --embedded: " + named)
                    + " (expected: one of --uri, --discard, --embedded)");
        }
    }

    boolean discard() {
        return discard;
    }

    /** Starts what is to be started. */
    Running start() {
        if (discard) {
            return new Discarding(DiscardingBroker.fork(ConfirmMode.PER_READ));
        }
        return embedded ? new Embedded(EmbeddedBroker.start()) : new Elsewhere(where());
    }

    private ConnectionOptions where() {
        return broker == null ? ConnectionOptions.defaults() : broker;
    }

    /** A peer that runs. */
    sealed interface Running extends AutoCloseable {
        ConnectionOptions options();

        String description();

        /** How many messages have arrived there, ever; -1 if it does not tell. */
        default long arrived() {
            return -1;
        }

        @Override
        default void close() {}
    }

    private record Discarding(DiscardingBroker broker) implements Running {
        @Override
        public ConnectionOptions options() {
            return ConnectionOptions.parse(broker.uri());
        }

        @Override
        public String description() {
            return "a discarding peer in a process of its own";
        }

        @Override
        public long arrived() {
            return broker.messages();
        }

        @Override
        public void close() {
            broker.close();
        }
    }

    private record Embedded(EmbeddedBroker broker) implements Running {
        @Override
        public ConnectionOptions options() {
            return ConnectionOptions.parse(broker.uri());
        }

        @Override
        public String description() {
            return "Apache Qpid Broker-J in the same process";
        }

        @Override
        public void close() {
            broker.close();
        }
    }

    private record Elsewhere(ConnectionOptions options) implements Running {
        @Override
        public String description() {
            return "the broker at "
                    + String.join(
                            ", ",
                            options.addresses().stream().map(String::valueOf).toList());
        }
    }
}
