package dev.holdfast.cli.consume;

import dev.holdfast.Connection;
import dev.holdfast.SerializerNotInstalledException;
import dev.holdfast.cli.common.Connections;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.FailureLog;
import dev.holdfast.cli.common.FailuresOption;
import dev.holdfast.cli.common.SecondsConverter;
import dev.holdfast.cli.common.StopRequest;
import dev.holdfast.cli.common.StopSignal;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.common.UriOption;
import dev.holdfast.cli.common.Worker;
import dev.holdfast.serialization.Accept;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
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
            "A body is decompressed as its header \"compression\" and its content encoding state, to at most",
            "128 MiB, and printed unchanged, followed by a line feed. With --accept it is also decoded: text is",
            "printed in UTF-8, data unchanged, any other type as a line of JSON.",
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
            "A message is acknowledged once its line is written to standard output. If that fails, as on a full",
            "disk, the message and all later ones stay in the queue, and the exit code is 1. A pipe accepts about",
            "64 KiB that its reader may never read: after \"consume | head -1\" more than one message is gone from",
            "the queue, and exit code is 0. To take N messages use --count N; to look without taking, --peek.",
            "With --peek the broker marks the messages as redelivered, and their order may change if others",
            "consume. RabbitMQ before 4.3 counts each --peek for the delivery limit of a quorum queue.",
            "",
            "With --exec, \"sh -c CMD\" runs for each message. Its standard input is what would be printed, without",
            "the line feed; its output passes through. Variables tell the rest, if the message has it:",
            "HOLDFAST_QUEUE, HOLDFAST_EXCHANGE, HOLDFAST_ROUTING_KEY, HOLDFAST_REDELIVERED (true, false);",
            "HOLDFAST_CONTENT_TYPE and so on for content encoding, delivery mode, priority, correlation id,",
            "reply to, expiration, message id, timestamp, type, user id, app id; HOLDFAST_HEADER_X_Y for the",
            "header x-y; tables and lists as JSON. Values over 32 KiB are left out. Exit code 0 acknowledges the",
            "message. Another one rejects it, to the dead letter exchange if the queue has one, or requeues it with",
            "--requeue; so does a body that cannot be decoded. Exit code is then 1. The message is requeued and",
            "consume ends, also with 1, if sh cannot start the command (126, 127), if the reader of its output has",
            "ended (141), or if a body is not accepted or needs a library that is absent.",
            "--requeue does not wait: a message that always fails is run again at once. Use a quorum queue with a",
            "delivery limit. RabbitMQ takes a message back whose command runs longer than its consumer timeout,",
            "30 minutes by default; on RabbitMQ 4 a quorum queue sets its own with x-consumer-timeout.",
            "A signal ends consume after the commands that run; if one of these fails, or SIGINT, SIGTERM or",
            "SIGHUP ends it, its message is requeued.",
            "",
            "SIGINT (Ctrl-C), SIGTERM or SIGHUP ends the command after the line that is being written, with exit",
            "code 130, 143 or 129. A second signal ends it at once: lines written last may be printed again.",
            "",
            "Ten messages, unchanged; exit code 1 if 5 seconds pass without a message before the tenth:",
            "  holdfast consume --queue video --count 10 --timeout 5",
            "All messages, with properties and headers:",
            "  holdfast consume --queue video --timeout 1 --json",
            "Messages from Python, pickles included, one JSON value a line:",
            "  holdfast consume --queue video --accept json,yaml,msgpack,pickle",
            "Two conversions at a time, of files whose names are the bodies:",
            "  holdfast consume --queue video --parallel 2 --exec 'ffmpeg -i \"$(cat)\" \"$HOLDFAST_HEADER_TO\"'"
        })
public final class ConsumeCommand implements Callable<Integer> {
    /** How long a stop waits for a write to end. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** A command that runs when a stop is requested is awaited; a second signal ends the process. */
    private static final Duration FOREVER = Duration.ofDays(10_000);

    private final Streams streams;
    private final StopRequest stop;

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
            description = "stop after N messages; exit code 1 if fewer are printed")
    private @Nullable Long count;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            converter = SecondsConverter.class,
            description = "stop after S seconds without a message; default: wait until Ctrl-C")
    private @Nullable Duration timeout;

    @Option(
            names = "--peek",
            description = "print the messages and leave them in the queue: none is acknowledged, all return when the"
                    + " command ends; it ends when the queue has no more")
    private boolean peek;

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

    @Mixin
    private final ExecOptions exec = new ExecOptions();

    @Mixin
    private final FailuresOption failuresOption = new FailuresOption();

    public ConsumeCommand(Streams streams, StopRequest stop) {
        this.streams = streams;
        this.stop = stop;
    }

    @Override
    public Integer call() throws Exception {
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count: " + count + " (expected: >= 1)");
        }
        try {
            exec.validate(peek);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        MessageFormatter formatter = formatter();
        stop.listen();
        try (FailureLog failures = failuresOption.open(streams, spec.commandLine())) {
            if (exec.isSpecified()) {
                return execute(formatter, failures);
            }
            UndecodedMessages undecoded = new UndecodedMessages(failures);
            CompletableFuture<QueuePrinter> started = new CompletableFuture<>();
            Worker<QueuePrinter> worker =
                    Worker.start("consume", () -> consume(formatter, undecoded, started::complete));
            StopSignal signal = worker.awaitEndOr(stop);
            if (signal != null) {
                QueuePrinter printer = started.getNow(null);
                if (printer != null) {
                    end(printer, worker);
                }
                failures.reportOmitted();
                streams.printError("stopped by " + signal + ": " + outcome(printer == null ? 0 : printer.printed()));
                return signal.exitCode();
            }
            QueuePrinter printer = worker.result();
            failures.reportOmitted();
            return report(printer, undecoded.count()) ? 0 : ErrorHandler.EXIT_FAILURE;
        }
    }

    private int execute(MessageFormatter formatter, FailureLog failures) throws Exception {
        CompletableFuture<CommandConsumer> started = new CompletableFuture<>();
        Worker<CommandConsumer> worker = Worker.start("consume", () -> {
            try (Connection connection = Connections.open(broker.options())) {
                CommandConsumer consumer = new CommandConsumer(connection, exec, formatter, failures);
                boolean unused = started.complete(consumer);
                stop.onStop(consumer::end); // by the signal itself, which may also end the commands
                consumer.run(queue, count == null ? Long.MAX_VALUE : count, timeout);
                return consumer;
            }
        });
        StopSignal signal = worker.awaitEndOr(stop);
        if (signal != null) {
            CommandConsumer consumer = started.getNow(null);
            if (consumer != null) {
                boolean unused = worker.await(FOREVER);
                printEndError(consumer);
            }
            failures.reportOmitted();
            long acknowledged = consumer == null ? 0 : consumer.acknowledged();
            streams.printError("stopped by " + signal + ": " + messages(acknowledged) + " acknowledged, "
                    + (consumer == null ? 0 : consumer.failed()) + " failed");
            return signal.exitCode();
        }
        CommandConsumer consumer = worker.result();
        failures.reportOmitted();
        return report(consumer) ? 0 : ErrorHandler.EXIT_FAILURE;
    }

    /** Prints what did not succeed. Returns whether all did. */
    private boolean report(CommandConsumer consumer) {
        long settled = consumer.acknowledged() + consumer.failed();
        boolean complete = count == null || settled >= count;
        if (consumer.failed() > 0) {
            streams.printError(
                    "--exec: " + messages(consumer.failed()) + " failed, " + consumer.acknowledged() + " acknowledged");
            complete = false;
        }
        printEndError(consumer);
        complete &= consumer.endError() == null;
        if (consumer.cancelReason() != null) {
            streams.printError("queue '" + queue + "': " + consumer.cancelReason());
            complete = false;
        }
        if (count != null && settled < count) {
            streams.printError("--count: messages acknowledged or failed: " + settled + " (expected: " + count + ")");
        }
        return complete;
    }

    private void printEndError(CommandConsumer consumer) {
        if (consumer.endError() != null) {
            streams.printError("--exec: " + consumer.endError() + "; the message is requeued");
        }
    }

    private static String messages(long number) {
        return number + (number == 1 ? " message" : " messages");
    }

    private QueuePrinter consume(
            MessageFormatter formatter, UndecodedMessages undecoded, Predicate<QueuePrinter> onStart)
            throws InterruptedException {
        long maxMessages = count == null ? Long.MAX_VALUE : count;
        try (Connection connection = Connections.open(broker.options())) {
            QueuePrinter printer = new QueuePrinter(connection, formatter, undecoded, streams.out());
            boolean unused = onStart.test(printer);
            if (peek) {
                printer.peek(queue, maxMessages);
            } else {
                printer.run(queue, maxMessages, timeout);
            }
            return printer;
        }
    }

    /** Ends after the present message. A write that blocks is abandoned, and its message returns to the queue. */
    private static void end(QueuePrinter printer, Worker<QueuePrinter> worker) throws InterruptedException {
        printer.end();
        if (!worker.await(GRACE)) {
            printer.acknowledgeWritten();
            printer.close(GRACE);
        }
    }

    /** Prints what did not succeed. Returns whether all did. */
    private boolean report(QueuePrinter printer, long undecoded) {
        boolean complete = count == null || printer.printed() >= count;
        if (undecoded > 0) {
            streams.printError("queue '" + queue + "': messages not decoded, left in the queue: " + undecoded);
            complete = false;
        }
        if (printer.cancelReason() != null) {
            streams.printError("queue '" + queue + "': " + printer.cancelReason());
            complete = false;
        }
        IOException error = printer.outputError();
        if (error == null) {
            if (count != null && printer.printed() < count) {
                streams.printError("--count: messages printed: " + printer.printed() + " (expected: " + count + ")");
            }
            return complete;
        }
        boolean readerClosed = isClosedByReader(error);
        streams.printError(
                "standard output" + (readerClosed ? " was closed by its reader: " : ": " + error.getMessage() + ": ")
                        + outcome(printer.printed())
                        + (readerClosed ? ", read or not" : "; a line after them may be incomplete"));
        return complete && readerClosed;
    }

    private String outcome(long printed) {
        return messages(printed) + (peek ? " printed, all are still in the queue" : " printed and acknowledged");
    }

    /** EPIPE. The message is the only form in which the JDK passes the error on. */
    private static boolean isClosedByReader(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("Broken pipe") || message.contains("pipe is being closed");
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
