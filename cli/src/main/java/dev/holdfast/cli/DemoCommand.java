package dev.holdfast.cli;

import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.Streams;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the whole way of many messages, a lost connection included. */
@Command(
        name = "demo",
        header = "Publish and consume 100,000 messages over a connection that is cut; needs nothing.",
        description = {
            "",
            "Starts a broker in this process, declares exchange, queue and binding, publishes JSON",
            "messages with confirms and retry, cuts the connection once on the way, consumes them all,",
            "and tells what happened.",
            ""
        },
        footer = {
            "",
            "Exit code 0 only if every message was confirmed and came back.",
            "",
            "A million messages, the result for a script:",
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
            description = "how many messages; default: ${DEFAULT-VALUE}")
    private int messages;

    @Option(names = "--json", description = "nothing but one line of JSON on standard output")
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
