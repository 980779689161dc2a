package dev.holdfast.cli.publish;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.PublishOptions;
import dev.holdfast.SerializerNotInstalledException;
import dev.holdfast.cli.common.Connections;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.FailureLog;
import dev.holdfast.cli.common.FailuresOption;
import dev.holdfast.cli.common.StopRequest;
import dev.holdfast.cli.common.StopSignal;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.common.UriOption;
import dev.holdfast.cli.common.Worker;
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
            "A line that is not in the format of --serializer, or a message that is not confirmed, is reported by",
            "its line number. Exit code is then 1; the other lines are still published. The summary counts lines",
            "read; of these, messages published, that is sent; and each line under one outcome: confirmed;",
            "returned and nacked, by the broker; failed, in no queue for another reason, such as a line that was",
            "never sent; unknown, sent and perhaps in a queue. A byte order mark is not sent, unless by raw.",
            "",
            "SIGINT (Ctrl-C), SIGTERM or SIGHUP ends reading: the command waits up to 5 seconds for outstanding",
            "confirms, prints the summary and up to which line all are confirmed (\"confirmed_up_to\" of --json),",
            "and ends with exit code 130, 143 or 129. A second signal ends it at once. To go on after line 1234:",
            "  tail -n +1235 orders.ndjson | holdfast publish --queue video",
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
    private final StopRequest stop;

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

    @Mixin
    private final FailuresOption failuresOption = new FailuresOption();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE|-",
            defaultValue = "-",
            description = "input, one message a line; - is standard input; default: -")
    private String file = "-";

    public PublishCommand(Streams streams, StopRequest stop) {
        this.streams = streams;
        this.stop = stop;
    }

    @Override
    public Integer call() throws Exception {
        PublishOptions options = options();
        if (embedded && spec.commandLine().getParseResult().hasMatchedOption(UriOption.NAME)) {
            throw new ParameterException(
                    spec.commandLine(), UriOption.NAME + " and --embedded (expected: one of them)");
        }
        stop.listen();
        try (FailureLog failures = failuresOption.open(streams, spec.commandLine());
                LineReader source = LineReader.open(file, streams.in());
                EmbeddedBroker embeddedBroker = embedded ? EmbeddedBroker.start() : null) {
            LinePublisher lines = new LinePublisher(streams, failures, source, message.format());
            Worker<LinePublisher.Result> worker =
                    Worker.start("publish", () -> lines.run(() -> connect(embeddedBroker), options));
            StopSignal signal = worker.awaitEndOr(stop);
            if (signal != null) {
                print(lines.stop(signal, worker));
                return signal.exitCode();
            }
            LinePublisher.Result result = worker.result();
            print(result.summary());
            return result.complete() && result.summary().allConfirmed() ? 0 : ErrorHandler.EXIT_FAILURE;
        }
    }

    private void print(PublishSummary summary) throws IOException {
        if (json) {
            try {
                streams.printLine(summary.json());
                return;
            } catch (IOException e) {
                streams.err().println(summary.text());
                throw e;
            }
        }
        streams.err().println(summary.text());
    }

    private PublishOptions options() {
        try {
            return target.apply(message.apply(PublishOptions.defaults()));
        } catch (IllegalArgumentException | SerializerNotInstalledException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private Connection connect(@Nullable EmbeddedBroker embeddedBroker) {
        ConnectionOptions connectionOptions =
                embeddedBroker == null ? broker.options() : ConnectionOptions.parse(embeddedBroker.uri());
        return message.retries()
                ? Connections.openOrRetry(connectionOptions, streams)
                : Connections.open(connectionOptions);
    }
}
