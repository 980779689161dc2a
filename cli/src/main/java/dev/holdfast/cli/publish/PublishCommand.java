package dev.holdfast.cli.publish;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.DecodeException;
import dev.holdfast.PublishOptions;
import dev.holdfast.SerializerNotInstalledException;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.MessageErrorLog;
import dev.holdfast.cli.common.Progress;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.common.UriOption;
import dev.holdfast.testkit.EmbeddedBroker;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code publish}: publishes every line of the input, and ends once every message has its outcome. */
@Command(
        name = "publish",
        header = "Publish each line of a file or of standard input as a message, with publisher confirms.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "A line that is not in the format of --serializer, or a message that is not confirmed, is reported",
            "on standard error by its line number. Exit code is then 1; the other lines are still published.",
            "",
            "One JSON document a line, to a queue that is created if it is missing:",
            "  holdfast publish --queue video orders.ndjson",
            "Through an exchange, retrying while the broker restarts:",
            "  holdfast publish --exchange media --queue video --routing-key video --retry orders.ndjson",
            "Transient text from a pipe, with a header, to an existing exchange:",
            "  tail -f app.log | holdfast publish --exchange logs --routing-key app.web --serializer text \\",
            "      --property delivery-mode=1 --header host=web1",
            "As MessagePack, compressed:",
            "  holdfast publish --queue video --serializer msgpack --compression zstd orders.ndjson",
            "Any bytes, unchanged by publish and consume:",
            "  holdfast publish --queue lines --serializer raw --compression zstd FILE",
            "  holdfast consume --queue lines --timeout 1 | cmp - FILE",
            "Test whether a queue takes the message; exit code 1 and \"returned\":1 if not:",
            "  echo '{}' | holdfast publish --routing-key video --mandatory --json"
        })
public final class PublishCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final UriOption broker = new UriOption();

    @Option(
            names = "--embedded",
            description = "use a broker inside this process instead of --uri; its messages are lost at exit")
    private boolean embedded;

    @Mixin
    private final TargetOptions target = new TargetOptions();

    @Mixin
    private final MessageOptions message = new MessageOptions();

    @Option(names = "--json", description = "print the result as one line of JSON on standard output")
    private boolean json;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE|-",
            defaultValue = "-",
            description = "input, one message a line; - is standard input; default: -")
    private String file = "-";

    public PublishCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PublishOptions options = options();
        if (embedded && spec.commandLine().getParseResult().hasMatchedOption(UriOption.NAME)) {
            throw new ParameterException(
                    spec.commandLine(), UriOption.NAME + " and --embedded (expected: one of them)");
        }
        try (LineReader source = LineReader.open(file, streams.in());
                EmbeddedBroker embeddedBroker = embedded ? EmbeddedBroker.start() : null;
                Connection connection = connect(embeddedBroker)) {
            PublishSummary summary = publish(source, connection, options);
            if (json) {
                streams.printLine(summary.json());
            } else {
                streams.err().println(summary.text());
            }
            return summary.allConfirmed() ? 0 : ErrorHandler.EXIT_FAILURE;
        }
    }

    private PublishOptions options() {
        try {
            return target.apply(message.apply(PublishOptions.defaults()));
        } catch (IllegalArgumentException | SerializerNotInstalledException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** Connects. With retry, a recoverable failure is only reported, and the first publish connects. */
    private Connection connect(@Nullable EmbeddedBroker embeddedBroker) {
        ConnectionOptions connectionOptions =
                embeddedBroker == null ? broker.options() : ConnectionOptions.parse(embeddedBroker.uri());
        try {
            return Connection.open(connectionOptions);
        } catch (AmqpConnectionException e) {
            if (!message.retries() || !e.recoverable()) {
                throw e;
            }
            streams.printError(ErrorHandler.describe(e) + "; retrying");
            return Connection.lazy(connectionOptions);
        }
    }

    private PublishSummary publish(LineReader source, Connection connection, PublishOptions options)
            throws IOException, InterruptedException {
        CountingPublisher publisher = new CountingPublisher(connection, options, new MessageErrorLog(streams));
        BodyFormat.LineValidator validator = message.format().validator();
        try (Progress progress = Progress.bytes(streams, "publish", source.size())) {
            byte[] line = source.readLine();
            for (; line != null && publisher.fatalError() == null; line = source.readLine()) {
                String error = validator.validate(line);
                if (error == null) {
                    send(publisher, line, "line " + source.lineNumber());
                } else {
                    publisher.reject("line " + source.lineNumber(), error);
                }
                progress.update(source.bytesRead());
            }
            PublishSummary summary = publisher.await();
            if (line != null) {
                streams.printError("stopped before line " + source.lineNumber()
                        + ": the remaining lines would fail with the same error");
            }
            return summary;
        }
    }

    private void send(CountingPublisher publisher, byte[] line, String label) {
        Object body;
        try {
            body = message.format().toBody(line);
        } catch (DecodeException e) {
            publisher.reject(label, ErrorHandler.describe(e));
            return;
        }
        publisher.send(body, label);
    }
}
