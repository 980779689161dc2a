package dev.holdfast.jmh;

import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Measures confirmed publishes per second, and client CPU and heap per message. Rounds alternate between the clients,
 * every measurement runs in a fresh JVM against one peer in a separate process, and medians are printed.
 *
 * <pre>
 * java -cp jmh/target/benchmarks.jar dev.holdfast.jmh.Throughput
 *     [--messages 20000000] [--window 10000] [--size 100] [--rounds 5] [--clients HOLDFAST_NIO,HOLDFAST_EPOLL,...]
 *     [--report page.html]
 * </pre>
 *
 * amqp-client sends a tenth of the messages, because it is slower. CPU is that of the whole process, JIT compiler and
 * garbage collector included, and that of the Java threads alone, after a warm-up of half as many messages.
 */
public final class Throughput {
    private Throughput() {}

    /** Runs all rounds, or, with {@code --uri} and one client in {@code --clients}, one measurement in this JVM. */
    public static void main(String[] arguments) throws Exception {
        ThroughputOptions options = ThroughputOptions.parse(arguments);
        if (options.uri() != null) {
            Sample sample =
                    ThroughputMeasurement.run(options.uri(), options.clients().get(0), options);
            System.out.println(sample.line());
            return;
        }
        Map<ClientType, List<Sample>> samples = new EnumMap<>(ClientType.class);
        try (DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_READ)) {
            for (int round = 0; round < options.rounds(); round++) {
                for (ClientType client : options.clients()) {
                    Sample sample = fork(broker, client, options);
                    samples.computeIfAbsent(client, key -> new ArrayList<>()).add(sample);
                }
            }
        }
        System.out.printf(
                "%-20s %12s %21s %10s %10s %10s%n",
                "client", "msg/s", "(range)", "CPU us/msg", "(threads)", "heap B/msg");
        List<ClientResult> results = new ArrayList<>();
        samples.forEach((client, rounds) -> results.add(ClientResult.of(client, rounds)));
        results.forEach(result -> System.out.println(result.line()));
        if (options.report() != null) {
            ThroughputReport.write(results, options, arguments, options.report());
        }
    }

    private static Sample fork(DiscardingBroker broker, ClientType client, ThroughputOptions options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Throughput.class.getName()));
        command.addAll(List.of("--uri", broker.uri(), "--clients", client.name()));
        command.addAll(options.forMeasurement());
        long before = broker.messages();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            int status = process.waitFor();
            if (line == null || status != 0) {
                throw new IOException(client + " exited with " + status + ", output: " + line);
            }
            Sample sample = Sample.parse(line);
            long arrived = broker.messages() - before;
            if (arrived != sample.sent()) {
                throw new IOException(client + ": " + arrived + " arrived (expected: " + sample.sent() + ")");
            }
            return sample;
        }
    }
}
