package dev.holdfast.cli;

import dev.holdfast.cli.common.Streams;
import dev.holdfast.testkit.EmbeddedBroker;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the embedded broker alone. */
@Command(
        name = "broker",
        header = "Run the embedded broker on 127.0.0.1 until Ctrl-C, and print its URI.",
        description = {"", "It is Apache Qpid Broker-J; it keeps everything in memory and forgets it at its end.", ""},
        footer = {
            "",
            "On another port:",
            "  holdfast broker --port 5673",
            "On any free port:",
            "  holdfast broker --port 0"
        })
final class BrokerCommand implements Callable<Integer> {
    private static final int MAX_PORT = 65_535;

    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "5672",
            description = "the port; 0 for a free one; default: ${DEFAULT-VALUE}")
    private int port;

    BrokerCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (port < 0 || port > MAX_PORT) {
            throw new ParameterException(spec.commandLine(), "--port: " + port + " (expected: 0..65535)");
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(port)) {
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "broker-close"));
            streams.printLine(broker.uri());
            if (streams.terminal()) {
                streams.err().println("Ctrl-C stops it");
            }
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }
}
