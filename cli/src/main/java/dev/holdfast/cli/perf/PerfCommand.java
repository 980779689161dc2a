package dev.holdfast.cli.perf;

import dev.holdfast.PublishOptions;
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

/** Measures what a message costs. */
@Command(
        name = "perf",
        header = "Measure publishes, or consuming: messages a second, CPU and heap a message, latencies.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "Without a target messages go to the routing key holdfast.perf of the default exchange, where no",
            "queue takes them: the broker confirms and drops them. --queue makes a queue, which stays, and",
            "fills it.",
            "",
            "All is measured after the warm-up. CPU is this process's, compilers and collector included, and",
            "with --embedded the broker's; heap is what its threads allocate. A latency lasts from when a",
            "message was due until its outcome: with --rate a message that waits behind a stall is late,",
            "however fast it is sent then, and so is one whose thread oversleeps, by some 0.1 ms. About",
            "20,000 messages a second are timed; what timing them allocates is not in the heap figure.",
            "Without confirms the outcome is the hand-over to the transport; \"confirmed\" is 0. Consumers",
            "have no latencies. The first message that fails ends it with exit code 1.",
            "",
            "The collector is the JVM's own choice, unless HOLDFAST_JAVA_OPTS names one.",
            "",
            "--json ends with one line on standard output:",
            "  {\"messages\":...,\"confirmed\":...,\"seconds\":...,\"messages_per_second\":...,",
            "   \"cpu_micros_per_message\":...,\"heap_bytes_per_message\":...,",
            "   \"latency_micros\":{\"p50\":...,\"p99\":...,\"p999\":...}}",
            "",
            "What the client alone can do, as a page to look at:",
            "  holdfast perf --discard --messages 10000000 --report perf.html",
            "Latencies at a steady 5,000 messages a second, through a queue of a broker of yours:",
            "  holdfast perf --uri amqp://guest:guest@localhost/ --queue video --rate 5000 --seconds 60",
            "Emptying a queue with four consumers, for a script:",
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

    @Option(names = "--report", paramLabel = "FILE.html", description = "write a page with plots, complete in itself")
    private @Nullable Path report;

    @Option(names = "--json", description = "end with one line of JSON on standard output")
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
            if (report != null) {
                new ReportPage(result).write(report, plan, load.consume(), peer.description(), command());
                streams.err().println("report: " + report.toAbsolutePath());
            }
            for (String line : json ? List.of(result.json()) : result.lines()) {
                streams.printLine(line);
            }
        }
        return 0;
    }

    /** A long run is not to end in vain. */
    private void validateReport() {
        if (report != null) {
            Path folder = report.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(report)) {
                throw new IllegalArgumentException(
                        "--report: " + report + " (expected: a file in a folder that exists)");
            }
        }
    }

    /** What was typed, without what a URI may hold of user and password. */
    private String command() {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        return "holdfast " + String.join(" ", arguments).replaceAll("://\\S*@", "://...@");
    }
}
