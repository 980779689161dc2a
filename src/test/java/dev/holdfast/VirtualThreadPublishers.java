package dev.holdfast;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;

/**
 * The program that {@link NewestJdkIT} runs on another JDK than its own: a thousand virtual threads, each publishing a few
 * messages one after the other. Compiled for Java 17, so virtual threads are asked for by reflection.
 */
final class VirtualThreadPublishers {
    private static final int THREADS = 1000;
    private static final int EACH = 10;

    private VirtualThreadPublishers() {}

    /** The broker's URI, and where the recording of the run goes. */
    public static void main(String[] args) throws Exception {
        // A class is loaded once, and the JDK pins whoever waits for its loader: that is over when the recording
        // begins.
        int unrecorded = publish(args[0], THREADS);
        try (Recording recording = new Recording()) {
            recording
                    .enable("jdk.VirtualThreadPinned")
                    .withThreshold(Duration.ZERO)
                    .withStackTrace();
            recording.enable("jdk.VirtualThreadEnd");
            recording.start();
            int confirmed = publish(args[0], THREADS);
            recording.dump(Path.of(args[1]));
            System.out.println(
                    confirmed + " of " + THREADS * EACH + " publishes confirmed, from " + THREADS + " virtual threads");
            System.exit(confirmed == THREADS * EACH && unrecorded == confirmed ? 0 : 1);
        }
    }

    private static int publish(String uri, int count) throws Exception {
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        Queue queue = Queue.of("virtual");
        try (Connection connection = Connection.open(
                ConnectionOptions.parse(uri).maxUnconfirmed(100))) { // less than threads: most of them wait for room
            Producer producer = connection.producer();
            PublishOptions options = PublishOptions.to("", queue.name()).declare(queue);
            List<Future<Integer>> publishing = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                publishing.add(threads.submit(() -> {
                    int confirmed = 0;
                    for (int message = 0; message < EACH; message++) {
                        confirmed +=
                                producer.publish("message " + message, options).attempts();
                    }
                    return confirmed;
                }));
            }
            int confirmed = 0;
            for (Future<Integer> each : publishing) {
                confirmed += each.get(120, TimeUnit.SECONDS);
            }
            return confirmed;
        } finally {
            threads.shutdown();
        }
    }
}
