package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.jmh.floor.Floor.FloorResult;
import dev.holdfast.jmh.load.Fork;
import dev.holdfast.jmh.load.IdleMain;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** Threads and memory of many idle connections, beside amqp-client's. */
final class IdleFloor {
    private static final int CONNECTIONS = 1000;

    private static final int MAX_OTHER_THREADS = 4;

    /** The part of the resident memory of amqp-client's socket mode; a quarter is the goal. */
    private static final double MAX_PART = 0.5;

    List<FloorResult> measure() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_READ)) {
            long[] ours = idle(broker.uri(), ClientType.HOLDFAST_NIO);
            long[] socket = idle(broker.uri(), ClientType.AMQP_CLIENT_SOCKET);
            long[] netty = idle(broker.uri(), ClientType.AMQP_CLIENT_NETTY);
            int maxThreads = Runtime.getRuntime().availableProcessors() + MAX_OTHER_THREADS;
            String name = CONNECTIONS + " idle connections, HOLDFAST_NIO, ";
            return List.of(
                    new FloorResult(
                            name + "threads",
                            "<= " + maxThreads + ", cores + " + MAX_OTHER_THREADS,
                            ours[0] + " (amqp-client: socket " + socket[0] + ", Netty " + netty[0] + ")",
                            ours[0] <= maxThreads),
                    new FloorResult(
                            name + "memory of each",
                            "RSS at most half of amqp-client's socket mode: " + memory(socket),
                            memory(ours) + " (its Netty mode: " + memory(netty) + ")",
                            ours[3] <= MAX_PART * socket[3]));
        }
    }

    private static String memory(long[] figures) {
        return String.format(
                "RSS %.1f KiB, heap %.1f, direct %.1f", figures[3] / 1024.0, figures[1] / 1024.0, figures[2] / 1024.0);
    }

    private static long[] idle(String uri, ClientType client) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Fork.thisJava(),
                        "-Xmx1g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IdleMain.class.getName(),
                        uri,
                        client.name(),
                        Integer.toString(CONNECTIONS))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            int status = process.waitFor();
            if (line == null || status != 0) {
                throw new IOException(client + " exited with " + status + ", output: " + line);
            }
            return Stream.of(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        } finally {
            process.destroyForcibly();
        }
    }
}
