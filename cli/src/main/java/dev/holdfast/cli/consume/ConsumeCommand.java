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

/** Prints the messages of a queue. */
@Command(
        name = "consume",
        header = "Print the messages of a queue, a line each, and acknowledge what was printed.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "A body is decompressed as its header compression says, to at most 128 MiB, and printed as its bytes",
            "are, followed by a line feed. With --accept it is decoded as well: text and data are printed as they",
            "are, text in UTF-8, all else as a line of JSON.",
            "With --json, a line is",
            "  {\"body\":...,\"exchange\":...,\"routing_key\":...,\"redelivered\":...,",
            "   \"properties\":{...},\"headers\":{...}}",
            "where body is decoded. Without --accept, a body that cannot be, or is a pickle, stands there as it",
            "came, and after it \"undecoded\" says why. Bytes are a string if they are UTF-8, else",
            "{\"base64\":\"...\"}; dates, times and UUIDs are strings; numbers have all their digits.",
            "",
            "A message that is not accepted or cannot be decoded is told on standard error and makes the exit",
            "code 1. It stays unacknowledged and is back in the queue at the end. It counts for --count, and",
            "after 500 of them nothing more is taken.",
            "After a lost connection the broker sends again what was not acknowledged: a message may come twice.",
            "",
            "The next ten messages, as they are; exit code 1 if there are fewer within 5 seconds of silence:",
            "  holdfast consume --queue video --count 10 --timeout 5",
            "All there is, with properties and headers:",
            "  holdfast consume --queue video --timeout 1 --json",
            "What Python sent, pickles included, a JSON value a line:",
            "  holdfast consume --queue video --accept json,yaml,msgpack,pickle"
        })
public final class ConsumeCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final UriOption broker = new UriOption();

    @Option(names = "--queue", paramLabel = "Q", required = true, description = "the queue")
    private String queue = "";

    @Option(names = "--count", paramLabel = "N", description = "stop after so many; fewer printed are exit code 1")
    private @Nullable Long count;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            converter = SecondsConverter.class,
            description = "stop when nothing came for so many seconds; default: wait until Ctrl-C")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "a JSON object a message: body, properties and headers")
    private boolean json;

    @Option(
            names = "--accept",
            paramLabel = "NAME",
            split = ",",
            description = {
                "decode: json, yaml, msgpack, pickle, or content types, by commas; text and data are always"
                        + " taken, pickle only if it is named here"
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
                streams.printError("queue '" + queue + "' keeps what was not decoded: " + undecoded.count());
            }
            if (queuePrinter.cancelled()) {
                streams.printError("queue '" + queue + "' is gone: the broker ended the consumer");
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
