package dev.holdfast.cli.common;

import dev.holdfast.ConnectionOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The option {@code --uri}: the broker to connect to. */
@Command
public final class UriOption {
    /** The name of the option. */
    public static final String NAME = "--uri";

    @Option(
            names = NAME,
            paramLabel = "URI",
            converter = UriConverter.class,
            defaultValue = "${env:HOLDFAST_URI:-amqp://guest:guest@localhost:5672/}",
            description = "broker: amqp[s]://user:password@host:port/vhost?parameters")
    @SuppressWarnings("NullAway.Init")
    private ConnectionOptions options;

    public ConnectionOptions options() {
        return options;
    }
}
