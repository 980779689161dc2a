package dev.holdfast.cli;

import dev.holdfast.ConnectionOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which broker to connect to. */
@Command
final class BrokerUri {
    /** The option's name. */
    static final String NAME = "--uri";

    @Option(
            names = NAME,
            paramLabel = "URI",
            converter = UriConverter.class,
            defaultValue = "${env:HOLDFAST_URI:-amqp://guest:guest@localhost:5672/}",
            description = "the broker: amqp[s]://user:password@host:port/vhost?parameters")
    @SuppressWarnings("NullAway.Init")
    private ConnectionOptions options;

    ConnectionOptions options() {
        return options;
    }
}
