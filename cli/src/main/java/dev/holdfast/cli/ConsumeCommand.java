package dev.holdfast.cli;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints the messages of a queue. */
@Command(
        name = "consume",
        header = "Print the messages of a queue, a line each, and acknowledge what was printed.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "Without --json a message's bytes are printed as they are, followed by a line feed. With it, a line is",
            "  {\"body\":...,\"exchange\":...,\"routing_key\":...,\"redelivered\":...,",
            "   \"properties\":{...},\"headers\":{...}}",
            "where body is a string if it is UTF-8, else {\"base64\":\"...\"}; so are headers of bytes.",
            "After a lost connection the broker sends again what was not acknowledged: a message may come twice.",
            "",
            "The next ten messages, as they are; exit code 1 if there are fewer within 5 seconds of silence:",
            "  holdfast consume --queue video --count 10 --timeout 5",
            "All there is, with properties and headers:",
            "  holdfast consume --queue video --timeout 1 --json"
        })
final class ConsumeCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--uri",
            paramLabel = "URI",
            converter = UriConverter.class,
            defaultValue = UriConverter.DEFAULT,
            description = "the broker: amqp[s]://user:password@host:port/vhost")
    @SuppressWarnings("NullAway.Init")
    private ConnectionOptions broker;

    @Option(names = "--queue", paramLabel = "Q", required = true, description = "the queue")
    private String queue = "";

    @Option(names = "--count", paramLabel = "N", description = "stop after so many; fewer are exit code 1")
    private @Nullable Long count;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            converter = SecondsConverter.class,
            description = "stop when nothing came for so many seconds; default: wait until Ctrl-C")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "a JSON object a message: body, properties and headers")
    private boolean json;

    ConsumeCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Exception {
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count: " + count + " (expected: >= 1)");
        }
        long wanted = count == null ? Long.MAX_VALUE : count;
        try (Connection connection = Connection.open(broker)) {
            Channel channel = connection.channel();
            MessagePrinter printer = json ? new JsonPrinter() : MessagePrinter.BYTES;
            Consumption consumption = new Consumption(channel, printer, streams.out());
            long printed = consumption.run(queue, wanted, timeout);
            if (consumption.cancelled()) {
                streams.complain("queue '" + queue + "' is gone: the broker ended the consumer");
                return Failures.FAILED;
            }
            return count != null && printed < wanted ? Failures.FAILED : 0;
        }
    }
}
