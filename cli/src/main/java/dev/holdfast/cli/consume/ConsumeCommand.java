package dev.holdfast.cli.consume;

import dev.holdfast.Connection;
import dev.holdfast.SerializerNotInstalledException;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.MessageErrorLog;
import dev.holdfast.cli.common.SecondsConverter;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.common.UriOption;
import dev.holdfast.serialization.Accept;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code consume}: prints the messages of a queue and acknowledges them. */
@Command(
        name = "consume",
        header = "Print the messages of a queue, one a line, and acknowledge each once it is printed.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "A body is decompressed as its header \"compression\" states, to at most 128 MiB, and printed",
            "unchanged, followed by a line feed. With --accept it is also decoded: text is printed in UTF-8,",
            "data unchanged, any other type as a line of JSON.",
            "With --json, a line is",
            "  {\"body\":...,\"exchange\":...,\"routing_key\":...,\"redelivered\":...,",
            "   \"properties\":{...},\"headers\":{...}}",
            "with the decoded body. Without --accept, a pickle and a body that cannot be decoded are printed",
            "undecoded, followed by \"undecoded\" with the reason. Bytes are a string if they are UTF-8, else",
            "{\"base64\":\"...\"}. Dates, times and UUIDs are strings. Numbers keep all digits.",
            "",
            "A message that is not accepted or cannot be decoded is reported on standard error, and the exit code",
            "is 1. It stays unacknowledged, and returns to the queue when the command ends. It counts for",
            "--count. The command ends after 500 of them.",
            "After a connection loss the broker redelivers unacknowledged messages: they may be printed twice.",
            "",
            "Ten messages, unchanged; exit code 1 if 5 seconds pass without a message before the tenth:",
            "  holdfast consume --queue video --count 10 --timeout 5",
            "All messages, with properties and headers:",
            "  holdfast consume --queue video --timeout 1 --json",
            "Messages from Python, pickles included, one JSON value a line:",
            "  holdfast consume --queue video --accept json,yaml,msgpack,pickle"
        })
public final class ConsumeCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final UriOption broker = new UriOption();

    @Option(names = "--queue", paramLabel = "Q", required = true, description = "queue to consume")
    private String queue = "";

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "stop after N messages; exit code 1 if fewer were printed")
    private @Nullable Long count;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            converter = SecondsConverter.class,
            description = "stop after S seconds without a message; default: wait until Ctrl-C")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "print one JSON object a message: body, properties and headers")
    private boolean json;

    @Option(
            names = "--accept",
            paramLabel = "NAME",
            split = ",",
            description = {
                "decode these formats or content types, separated by commas: json, yaml, msgpack, pickle; text and"
                        + " data are always accepted, pickle only if it is listed"
            })
    private @Nullable List<String> acceptedNames;

    public ConsumeCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Exception {
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count: " + count + " (expected: >= 1)");
        }
        long maxMessages = count == null ? Long.MAX_VALUE : count;
        MessageFormatter formatter = formatter();
        try (Connection connection = Connection.open(broker.options())) {
            MessageErrorLog errorLog = new MessageErrorLog(streams);
            UndecodedMessages undecoded = new UndecodedMessages(errorLog);
            QueuePrinter queuePrinter = new QueuePrinter(connection.channel(), formatter, undecoded, streams.out());
            long printed = queuePrinter.run(queue, maxMessages, timeout);
            errorLog.reportOmitted();
            if (undecoded.count() > 0) {
                streams.printError(
                        "queue '" + queue + "': messages not decoded, left in the queue: " + undecoded.count());
            }
            if (queuePrinter.cancelled()) {
                streams.printError("queue '" + queue + "' is deleted: the broker cancelled the consumer");
                return ErrorHandler.EXIT_FAILURE;
            }
            return undecoded.count() > 0 || (count != null && printed < maxMessages) ? ErrorHandler.EXIT_FAILURE : 0;
        }
    }

    private MessageFormatter formatter() {
        BodyReader bodyReader = new BodyReader();
        Accept accept = acceptedNames == null ? Accept.safe() : Accept.only(acceptedNames.toArray(String[]::new));
        try {
            bodyReader.requireKnown(accept);
        } catch (SerializerNotInstalledException e) {
            throw new ParameterException(spec.commandLine(), "--accept: " + e.getMessage(), e);
        }
        if (json) {
            return new JsonFormatter(bodyReader, accept);
        }
        return acceptedNames == null ? bodyReader::decompress : new ValueFormatter(bodyReader, accept);
    }
}
