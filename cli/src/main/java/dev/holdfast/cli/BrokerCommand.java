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

/** The command {@code broker}: runs the embedded broker alone. */
@Command(
        name = "broker",
        header = "Run the embedded broker on 127.0.0.1 until Ctrl-C, and print its URI.",
        description = {
            "",
            "The broker is Apache Qpid Broker-J. It stores everything in memory; all is lost when it stops.",
            ""
        },
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
            description = "port to listen on; 0 picks a free one; default: ${DEFAULT-VALUE}")
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
                streams.err().println("press Ctrl-C to stop");
            }
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }
}
