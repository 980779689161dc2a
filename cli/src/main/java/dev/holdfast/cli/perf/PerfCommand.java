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
            "The garbage collector is the default of the JVM, unless HOLDFAST_JAVA_OPTS names one.",
            "",
            "--json prints one line on standard output:",
            "  {\"messages\":...,\"confirmed\":...,\"seconds\":...,\"messages_per_second\":...,",
            "   \"cpu_micros_per_message\":...,\"heap_bytes_per_message\":...,",
            "   \"latency_micros\":{\"p50\":...,\"p99\":...,\"p999\":...}}",
            "",
            "The client alone, with an HTML report:",
            "  holdfast perf --discard --messages 10000000 --report perf.html",
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
            validateReport();
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
            if (report != null) {
                write(report, new ReportPage(result), plan, peer);
            }
        }
        return 0;
    }

    private void write(Path file, ReportPage page, LoadPlan plan, Peer peer) throws IOException {
        try {
            page.write(file, plan, load.consume(), peer.description(), command());
        } catch (IOException e) {
            throw new IOException("--report: " + file + ": " + ErrorHandler.describe(e), e);
        }
        streams.err().println("report: " + file.toAbsolutePath());
    }

    /** Checks the path of the report before the run, so that a long run is not lost. */
    private void validateReport() {
        if (report != null) {
            Path folder = report.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(report)) {
                throw new IllegalArgumentException(
                        "--report: " + report + " (expected: a file in an existing directory)");
            }
        }
    }

    /** Returns the command line, with user and password of URIs replaced by dots. */
    private String command() {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        return "holdfast " + String.join(" ", arguments).replaceAll("://\\S*@", "://...@");
    }
}
