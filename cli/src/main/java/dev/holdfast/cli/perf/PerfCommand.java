package dev.holdfast.cli.perf;

import dev.holdfast.PublishOptions;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.publish.TargetOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code perf}: measures throughput, CPU time, heap allocation and latencies. */
@Command(
        name = "perf",
        header = "Measure publishing or consuming: messages a second, CPU time and heap a message, latencies.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "Without a target, messages go to the default exchange with the routing key holdfast.perf. No queue",
            "has that name: the broker confirms and drops them. --queue declares a queue and fills it; the queue",
            "remains afterwards.",
            "",
            "All figures are taken after the warm-up. CPU time is that of this process, including compilers and",
            "garbage collector, and with --embedded the broker. Heap is the bytes that its threads allocate.",
            "Latency is the time from when a message is due until its outcome. With --rate it includes the wait",
            "behind a stall, and the oversleep of the thread, about 0.1 ms. About 20,000 messages a second are",
            "timed; the allocations of the timing are subtracted from the heap figure. With --no-confirms the",
            "outcome is the transfer to the transport, and \"confirmed\" is 0. Consuming has no latencies. The",
            "first message that fails ends the run with exit code 1.",
            "",
            "-x, -y, -s, -c, -r, -z and -u mean what they mean to RabbitMQ's PerfTest, but that perf does not",
            "publish and consume at the same time: -y fills a temporary queue first. With -y: no -z, -r or -u;",
            "--messages ends it.",
            "",
            "The garbage collector is the default of the JVM, unless HOLDFAST_JAVA_OPTS names one.",
            "",
            "--json prints one line on standard output:",
            "  {\"messages\":...,\"confirmed\":...,\"seconds\":...,\"messages_per_second\":...,",
            "   \"cpu_micros_per_message\":...,\"heap_bytes_per_message\":...,",
            "   \"latency_micros\":{\"p50\":...,\"p99\":...,\"p999\":...}}",
            "",
            "The client alone, with an HTML report:",
            "  holdfast perf --discard --messages 10000000 --report perf.html",
            "Two producers, 200 bytes, 100 unconfirmed each, 30 seconds, with a row of CSV for each second:",
            "  holdfast perf --uri amqp://guest:guest@localhost/ -x 2 -s 200 -c 100 -z 30 --csv perf.csv",
            "Latencies at 5,000 messages a second, through a queue of a broker:",
            "  holdfast perf --uri amqp://guest:guest@localhost/ --queue video --rate 5000 --seconds 60",
            "Consuming a filled queue with four consumers, with the result as JSON:",
            "  holdfast perf --embedded --consume --threads 4 --messages 200000 --json"
        })
public final class PerfCommand implements Callable<Integer> {
    private static final String DEFAULT_ROUTING_KEY = "holdfast.perf";

    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final PeerOptions peerOptions = new PeerOptions();

    @Mixin
    private final LoadOptions load = new LoadOptions();

    @Mixin
    private final TargetOptions target = new TargetOptions();

    @Option(names = "--report", paramLabel = "FILE.html", description = "write a self-contained HTML page with charts")
    private @Nullable Path report;

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "write a line of CSV for each second: the rate, and latencies in microseconds")
    private @Nullable Path csv;

    @Option(
            names = "--hgrm",
            paramLabel = "FILE",
            description = "write the distribution of the latencies, in microseconds, as HdrHistogram does")
    private @Nullable Path hgrm;

    @Option(names = "-u", paramLabel = "Q", description = "--queue Q")
    void setQueue(String queue) {
        target.setQueue(queue);
    }

    @Option(names = "--json", description = "print the result as one line of JSON on standard output")
    private boolean json;

    public PerfCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        LoadPlan plan;
        PublishOptions options;
        try {
            peerOptions.validate();
            plan = load.plan(target.isSpecified(), peerOptions.discard());
            options = PublishOptions.defaults().routingKey(DEFAULT_ROUTING_KEY);
            options = target.isSpecified() ? target.apply(options) : options;
            if (hgrm != null && load.consume()) {
                throw new IllegalArgumentException(
                        "--hgrm: with -y or --consume (expected: without it, it has no latencies)");
            }
            validateFile("--report", report);
            validateFile("--csv", csv);
            validateFile("--hgrm", hgrm);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        try (Peer peer = peerOptions.start()) {
            PerfResult result = load.consume()
                    ? new ConsumeRun(streams, plan).run(peer)
                    : new PublishRun(streams, plan, options).run(peer);
            for (String line : json ? List.of(result.json()) : result.lines()) {
                streams.printLine(line);
            }
            if (csv != null) {
                write("--csv", csv, file -> ResultFiles.writeCsv(file, result));
            }
            if (hgrm != null) {
                write("--hgrm", hgrm, file -> ResultFiles.writeHistogram(file, result));
            }
            if (report != null) {
                ReportPage page = new ReportPage(result);
                write(
                        "--report",
                        report,
                        file -> page.write(file, plan, load.consume(), peer.description(), command()));
                streams.err().println("report: " + report.toAbsolutePath());
            }
        }
        return 0;
    }

    /** Writes the content of a file. */
    @FunctionalInterface
    private interface Content {
        void writeTo(Path file) throws IOException;
    }

    private static void write(String option, Path file, Content content) throws IOException {
        try {
            content.writeTo(file);
        } catch (IOException e) {
            throw new IOException(option + ": " + file + ": " + ErrorHandler.describe(e), e);
        }
    }

    /** Checks the path of a file before the run, so that a long run is not lost. */
    private static void validateFile(String option, @Nullable Path file) {
        if (file != null) {
            Path folder = file.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
                throw new IllegalArgumentException(
                        option + ": " + file + " (expected: a file in an existing directory)");
            }
        }
    }

    /** Returns the command line, with user and password of URIs replaced by dots. */
    private String command() {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        return "holdfast " + String.join(" ", arguments).replaceAll("://\\S*@", "://...@");
    }
}
