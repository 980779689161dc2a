package dev.holdfast.jmh;

import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.jmh.load.BrokerPeer;
import dev.holdfast.jmh.load.Figures;
import dev.holdfast.jmh.load.Fork;
import dev.holdfast.jmh.load.Scenario;
import dev.holdfast.jmh.load.Task;
import dev.holdfast.jmh.load.Trials;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.RabbitNode;
import dev.holdfast.testkit.RabbitVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measures throughput, cost and latency over a real socket, for every combination of the options. Each round takes
 * all combinations in turn, each measurement in a fresh JVM.
 *
 * <pre>
 * java -cp jmh/target/benchmarks.jar dev.holdfast.jmh.Matrix
 *     [--tasks PUBLISH,UNCONFIRMED,SYNC,LONE,JSON,CONSUME,START] [--clients HOLDFAST_NIO,...,CEILING]
 *     [--sizes 16,100,1024,16384,262144] [--windows 1,100,1000,10000] [--threads 1,2,8,64]
 *     [--peer discard|rabbit|embedded|URI] [--rounds 5] [--warm-up 3] [--seconds 5]
 *     [--virtual] [--java /path/to/bin/java] [--perf]
 * </pre>
 *
 * {@code --virtual} publishes from virtual threads; {@code --java} names the JVM of the measurements, for a JDK that
 * has them. {@code --perf} counts all system calls with Linux's perf. Clients that this machine or the task does not
 * support are skipped.
 */
public final class Matrix {
    private static final Set<String> VALUED = Set.of(
            "--tasks",
            "--clients",
            "--sizes",
            "--windows",
            "--threads",
            "--peer",
            "--rounds",
            "--warm-up",
            "--seconds",
            "--java");

    private Matrix() {}

    /** Measures, and prints one line for each combination. */
    public static void main(String[] arguments) throws Exception {
        Arguments options = new Arguments(arguments, VALUED, Set.of("--virtual", "--perf"));
        Fork fork = new Fork(
                options.text("--java", Fork.thisJava()),
                options.number("--warm-up", 3),
                options.number("--seconds", 5),
                options.has("--perf"));
        Trials trials = new Trials(fork, (int) options.number("--rounds", 5));
        Map<Scenario, List<Figures>> figures = run(trials, options.text("--peer", "discard"), scenarios(options));
        System.out.printf(
                "%-58s %12s %23s %8s %8s %8s %8s %10s %10s %10s%n",
                "case", "msg/s", "(range)", "CPU us", "(java)", "heap B", "calls", "p50 us", "p99 us", "p99.9 us");
        figures.forEach((scenario, rounds) -> System.out.println(line(scenario, rounds)));
    }

    private static List<Scenario> scenarios(Arguments options) {
        List<Scenario> scenarios = new ArrayList<>();
        for (Task task : options.list("--tasks", Task::valueOf, List.of(Task.PUBLISH))) {
            for (int size : options.list("--sizes", Integer::valueOf, List.of(100))) {
                for (int window : options.list("--windows", Integer::valueOf, List.of(10_000))) {
                    for (int threads : options.list("--threads", Integer::valueOf, List.of(1))) {
                        for (ClientType client :
                                options.list("--clients", ClientType::valueOf, ClientType.available())) {
                            if (supports(client, task, threads)) {
                                scenarios.add(
                                        new Scenario(client, task, size, window, threads, options.has("--virtual")));
                            }
                        }
                    }
                }
            }
        }
        return scenarios;
    }

    /**
     * Whether the client supports the task: the ceiling has one thread and no consumer, and only Holdfast serializes.
     */
    private static boolean supports(ClientType client, Task task, int threads) {
        return switch (task) {
            case PUBLISH, UNCONFIRMED, SYNC, LONE, START -> client != ClientType.CEILING || threads == 1;
            case CONSUME -> client != ClientType.CEILING;
            case JSON, JACKSON -> client.name().startsWith("HOLDFAST");
        };
    }

    private static Map<Scenario, List<Figures>> run(Trials trials, String peer, List<Scenario> scenarios)
            throws IOException, InterruptedException {
        switch (peer) {
            case "discard" -> {
                return trials.discarding(scenarios);
            }
            case "rabbit" -> {
                try (RabbitNode node = RabbitNode.start(RabbitVersion.V3)) {
                    return trials.broker(new BrokerPeer(node.uri()), scenarios);
                }
            }
            case "embedded" -> {
                try (EmbeddedBroker broker = EmbeddedBroker.start()) {
                    return trials.broker(new BrokerPeer(broker.uri()), scenarios);
                }
            }
            default -> {
                return trials.broker(new BrokerPeer(peer), scenarios);
            }
        }
    }

    private static String line(Scenario scenario, List<Figures> rounds) {
        Figures median = Figures.median(rounds);
        double[] rates = Figures.rates(rounds);
        return String.format(
                "%-58s %,12.0f %,11.0f-%,11.0f %8.3f %8.3f %8.1f %8.3f %10.1f %10.1f %10.1f",
                scenario,
                median.perSecond(),
                rates[0],
                rates[1],
                median.cpuMicros(),
                median.threadMicros(),
                median.heapBytes(),
                median.systemCalls(),
                median.p50(),
                median.p99(),
                median.p999());
    }
}
