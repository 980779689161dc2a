package dev.holdfast.jmh.load;

import dev.holdfast.jmh.adapter.ClientType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes measurements in forked JVMs, with the options of this JVM.
 *
 * @param java the java command
 * @param warmUp length of the warm-up in seconds
 * @param seconds length of a measurement in seconds
 * @param perf whether to count all system calls with Linux's perf, those of the start and the warm-up of the JVM
 *     included
 */
public record Fork(String java, double warmUp, double seconds, boolean perf) {
    /** The java command of this JVM. */
    public static String thisJava() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Takes one measurement against the broker at this URI. */
    public Figures measure(String uri, Scenario scenario) throws IOException, InterruptedException {
        Path perfOutput = Files.createTempFile("holdfast-perf", ".csv");
        try {
            List<String> command = new ArrayList<>();
            if (perf) {
                command.addAll(List.of(
                        "perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-o", perfOutput.toString()));
            }
            command.add(java);
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), ForkedMain.class.getName(), uri));
            command.addAll(List.of(Double.toString(warmUp), Double.toString(seconds)));
            command.addAll(scenario.arguments());
            Figures figures = run(command, scenario);
            return perf ? figures.systemCalls((double) calls(perfOutput) / Math.max(1, figures.sent())) : figures;
        } finally {
            Files.delete(perfOutput);
        }
    }

    /** Measures two clients in one JVM: p50 and p99 in microseconds of the first, then of the second. */
    public double[] pair(String uri, ClientType first, ClientType second) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PairedMain.class.getName(), uri));
        command.addAll(List.of(Double.toString(warmUp), Double.toString(seconds), first.name(), second.name()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            int status = process.waitFor();
            if (line == null || status != 0) {
                throw new IOException("the pair exited with " + status + ", output: " + line);
            }
            return Stream.of(line.split(" ", -1))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        } finally {
            process.destroyForcibly();
        }
    }

    private static Figures run(List<String> command, Scenario scenario) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long confirmed = start;
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            if (ForkedMain.CONFIRMED.equals(line)) {
                confirmed = System.nanoTime();
                line = out.readLine();
            }
            int status = process.waitFor();
            if (line == null || status != 0) {
                throw new IOException(scenario + " exited with " + status + ", output: " + line);
            }
            Figures figures = Figures.parse(line);
            return scenario.task() == Task.START ? figures.latency((confirmed - start) / 1e3) : figures;
        } finally {
            process.destroyForcibly();
        }
    }

    /** Reads the count, which is the first value of the last line. */
    private static long calls(Path perfOutput) throws IOException {
        List<String> lines = Files.readAllLines(perfOutput);
        String last = lines.get(lines.size() - 1);
        return Long.parseLong(last.substring(0, last.indexOf(',')));
    }
}
