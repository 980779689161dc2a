package dev.holdfast;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;

/**
 * The program that {@link NewestJdkIT} runs on a newer JDK: a thousand virtual threads publish ten messages each and
 * wait for each confirm, then every message is acknowledged by a virtual thread of its own. Compiled for Java 17, so
 * virtual threads are created by reflection.
 */
final class VirtualThreadLoad {
    private static final int THREADS = 1000;
    private static final int MESSAGES_PER_THREAD = 10;
    private static final int MESSAGES = THREADS * MESSAGES_PER_THREAD;
    private static final long SECONDS = 120;

    private static final Queue QUEUE = Queue.of("virtual");

    private record Result(int confirmed, int acknowledged) {
        boolean isComplete() {
            return confirmed == MESSAGES && acknowledged == MESSAGES;
        }
    }

    private VirtualThreadLoad() {}

    /** Takes the broker's URI and the file that the recording is written to. */
    public static void main(String[] args) throws Exception {
        // The first run loads the classes: a thread that waits for a class loader is pinned, and that is not recorded.
        Result warmUp = run(args[0]);
        try (Recording recording = new Recording()) {
            recording
                    .enable("jdk.VirtualThreadPinned")
                    .withThreshold(Duration.ZERO)
                    .withStackTrace();
            recording.enable("jdk.VirtualThreadEnd");
            recording.start();
            Result result = run(args[0]);
            recording.dump(Path.of(args[1]));
            System.out.println(result.confirmed() + " publishes confirmed and " + result.acknowledged()
                    + " messages acknowledged of " + MESSAGES + ", from virtual threads");
            System.exit(warmUp.isComplete() && result.isComplete() ? 0 : 1);
        }
    }

    private static Result run(String uri) throws Exception {
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        // Fewer unconfirmed messages than threads: most threads wait for room in the window.
        try (Connection connection =
                Connection.open(ConnectionOptions.parse(uri).maxUnconfirmed(100))) {
            int confirmed = publish(connection, threads);
            return new Result(confirmed, acknowledge(connection, threads));
        } finally {
            threads.shutdown();
        }
    }

    private static int publish(Connection connection, ExecutorService threads) throws Exception {
        Producer producer = connection.producer();
        PublishOptions options = PublishOptions.to("", QUEUE.name()).declare(QUEUE);
        List<Future<Integer>> publishing = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            publishing.add(threads.submit(() -> {
                int confirmed = 0;
                for (int message = 0; message < MESSAGES_PER_THREAD; message++) {
                    confirmed += producer.publish("message " + message, options).attempts();
                }
                return confirmed;
            }));
        }
        int confirmed = 0;
        for (Future<Integer> count : publishing) {
            confirmed += count.get(SECONDS, TimeUnit.SECONDS);
        }
        return confirmed;
    }

    /** Returns how many messages were acknowledged, 0 if the queue still has some when its consumer is closed. */
    private static int acknowledge(Connection connection, ExecutorService threads) throws Exception {
        AtomicInteger acknowledged = new AtomicInteger();
        CountDownLatch outstanding = new CountDownLatch(MESSAGES);
        try (Consumer consumer = connection
                .consumer(List.of(QUEUE), options -> options.prefetch(THREADS))
                .callback((body, message) -> threads.execute(() -> {
                    message.ack();
                    acknowledged.addAndGet(message.acknowledged() ? 1 : 0);
                    outstanding.countDown();
                }))) {
            Consumer unused = consumer.consume();
            boolean complete = outstanding.await(SECONDS, TimeUnit.SECONDS);
            if (!complete) {
                return acknowledged.get();
            }
        }
        try (Channel channel = connection.channel()) {
            return channel.inspect(QUEUE.name()).messageCount() == 0 ? acknowledged.get() : 0;
        }
    }
}
