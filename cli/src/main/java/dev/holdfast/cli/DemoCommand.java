package dev.holdfast.cli;

import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.Streams;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code demo}: publishes and consumes messages through a connection loss. */
@Command(
        name = "demo",
        header = "Publish and consume 100,000 messages over a connection that is cut. Needs no broker.",
        description = {
            "",
            "Starts a broker in this process, declares an exchange, a queue and a binding, publishes JSON",
            "messages with confirms and retry, cuts the connection once halfway, consumes all messages,",
            "and prints the counts.",
            ""
        },
        footer = {
            "",
            "Exit code 0 only if every message was confirmed and consumed.",
            "",
            "A million messages, with the result as JSON:",
            "  holdfast demo --messages 1000000 --json"
        })
final class DemoCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "100000",
            description = "number of messages; default: ${DEFAULT-VALUE}")
    private int messages;

    @Option(names = "--json", description = "print only one line of JSON on standard output")
    private boolean json;

    DemoCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Exception {
        if (messages < 1) {
            throw new ParameterException(spec.commandLine(), "--messages: " + messages + " (expected: >= 1)");
        }
        DemoResult result = new Demo(streams, messages).run();
        if (json) {
            streams.printLine(result.published().json());
        } else {
            for (String line : result.lines()) {
                streams.printLine(line);
            }
        }
        return result.complete() ? 0 : ErrorHandler.EXIT_FAILURE;
    }
}
