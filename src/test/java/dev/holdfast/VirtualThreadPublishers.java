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
 * The program that {@link NewestJdkIT} runs on a newer JDK: a thousand virtual threads publish ten messages each,
 * one after the other. It is compiled for Java 17, so it creates virtual threads by reflection.
 */
final class VirtualThreadPublishers {
    private static final int THREADS = 1000;
    private static final int MESSAGES_PER_THREAD = 10;

    private VirtualThreadPublishers() {}

    /** @param args the broker's URI and the file for the recording */
    public static void main(String[] args) throws Exception {
        // The first run loads the classes: the JDK pins a thread that waits for a class loader.
        int warmUp = publish(args[0], THREADS);
        try (Recording recording = new Recording()) {
            recording
                    .enable("jdk.VirtualThreadPinned")
                    .withThreshold(Duration.ZERO)
                    .withStackTrace();
            recording.enable("jdk.VirtualThreadEnd");
            recording.start();
            int confirmed = publish(args[0], THREADS);
            recording.dump(Path.of(args[1]));
            System.out.println(confirmed + " of " + THREADS * MESSAGES_PER_THREAD + " publishes confirmed, from "
                    + THREADS + " virtual threads");
            System.exit(confirmed == THREADS * MESSAGES_PER_THREAD && warmUp == confirmed ? 0 : 1);
        }
    }

    private static int publish(String uri, int count) throws Exception {
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        Queue queue = Queue.of("virtual");
        try (Connection connection = Connection.open(ConnectionOptions.parse(uri)
                .maxUnconfirmed(100))) { // fewer than the threads: most of them wait for admission
            Producer producer = connection.producer();
            PublishOptions options = PublishOptions.to("", queue.name()).declare(queue);
            List<Future<Integer>> publishers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                publishers.add(threads.submit(() -> {
                    int confirmed = 0;
                    for (int message = 0; message < MESSAGES_PER_THREAD; message++) {
                        confirmed +=
                                producer.publish("message " + message, options).attempts();
                    }
                    return confirmed;
                }));
            }
            int confirmed = 0;
            for (Future<Integer> publisher : publishers) {
                confirmed += publisher.get(120, TimeUnit.SECONDS);
            }
            return confirmed;
        } finally {
            threads.shutdown();
        }
    }
}
