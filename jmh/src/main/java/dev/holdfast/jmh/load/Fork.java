package dev.holdfast.jmh.load;

import dev.holdfast.jmh.impl.ClientType;
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
 * Takes measurements in fresh JVMs, with this JVM's options.
 *
 * @param java the java command
 * @param warmUp seconds before a measurement
 * @param seconds seconds of a measurement
 * @param perf whether Linux's perf counts all system calls, those of the warm-up and the start of the JVM included
 */
public record Fork(String java, double warmUp, double seconds, boolean perf) {
    /** The java command of this JVM. */
    public static String thisJava() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Takes one measurement against the broker at this URI. */
    public Figures measure(String uri, Case what) throws IOException, InterruptedException {
        Path counted = Files.createTempFile("holdfast-perf", ".csv");
        try {
            List<String> command = new ArrayList<>();
            if (perf) {
                command.addAll(
                        List.of("perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-o", counted.toString()));
            }
            command.add(java);
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName(), uri));
            command.addAll(List.of(Double.toString(warmUp), Double.toString(seconds)));
            command.addAll(what.arguments());
            Figures figures = run(command, what);
            return perf ? figures.systemCalls((double) calls(counted) / Math.max(1, figures.sent())) : figures;
        } finally {
            Files.delete(counted);
        }
    }

    /** Measures two clients in one JVM: p50 and p99 in microseconds of the first, then of the second. */
    public double[] pair(String uri, ClientType first, ClientType second) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Paired.class.getName(), uri));
        command.addAll(List.of(Double.toString(warmUp), Double.toString(seconds), first.name(), second.name()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            int status = process.waitFor();
            if (line == null || status != 0) {
                throw new IOException("a pair ended with " + status + " and said: " + line);
            }
            return Stream.of(line.split(" ", -1))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        } finally {
            process.destroyForcibly();
        }
    }

    private static Figures run(List<String> command, Case what) throws IOException, InterruptedException {
        long began = System.nanoTime();
        long confirmed = began;
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            if (Child.CONFIRMED.equals(line)) {
                confirmed = System.nanoTime();
                line = out.readLine();
            }
            int status = process.waitFor();
            if (line == null || status != 0) {
                throw new IOException(what + " ended with " + status + " and said: " + line);
            }
            Figures figures = Figures.parse(line);
            return what.task() == Task.START ? figures.latency((confirmed - began) / 1e3) : figures;
        } finally {
            process.destroyForcibly();
        }
    }

    /** The last line that is no comment: the count comes first. */
    private static long calls(Path counted) throws IOException {
        List<String> lines = Files.readAllLines(counted);
        String last = lines.get(lines.size() - 1);
        return Long.parseLong(last.substring(0, last.indexOf(',')));
    }
}
