package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Compares the heap bytes that a confirmed publish allocates with a recorded value. Unlike time, bytes are exact,
 * so a review shows a change that allocates. {@code -Dgolden.update} records new values.
 */
@Tag("load")
class PublishAllocationIT {
    private static final Path GOLDEN = Path.of("test", "resources", "golden", "allocation.txt");
    private static final boolean UPDATE = System.getProperty("golden.update") != null;
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private static final int WARM_UP = 3_000_000;
    private static final int MESSAGES = 500_000;
    private static final int ROUNDS = 5;

    /**
     * In bytes a message. The smallest object has 16, so one more object a message exceeds it. The cost of reads
     * and writes varies.
     */
    private static final double TOLERANCE = 2;

    private final DiscardingBroker broker = DiscardingBroker.fork(ConfirmMode.PER_READ);
    private final Connection connection =
            Connection.open(ConnectionOptions.parse(broker.uri()).maxUnconfirmed(10_000));
    private final Producer producer = connection.producer();
    private final PublishOptions options = PublishOptions.to("exchange", "key");
    private final byte[] body = new byte[100];
    private long ioThread;

    @BeforeEach
    void findTheIoThread() throws Exception {
        long testThread = Thread.currentThread().getId();
        do { // a stage added to a completed future runs in this thread
            CompletableFuture<Long> thread = new CompletableFuture<>();
            connection
                    .channelAsync()
                    .thenRun(() -> thread.complete(Thread.currentThread().getId()));
            ioThread = thread.get(30, TimeUnit.SECONDS);
        } while (ioThread == testThread);
    }

    @AfterEach
    void close() {
        connection.close();
        broker.close();
    }

    @Test
    void confirmedPublishAllocatesTheRecordedBytes() throws IOException {
        publish(WARM_UP);
        double[] caller = new double[ROUNDS];
        double[] io = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            LongSupplier callerBytes = allocatedSinceNow(Thread.currentThread().getId());
            LongSupplier ioBytes = allocatedSinceNow(ioThread);
            publish(MESSAGES);
            caller[round] = (double) callerBytes.getAsLong() / MESSAGES;
            io[round] = (double) ioBytes.getAsLong() / MESSAGES;
        }
        Arrays.sort(caller);
        Arrays.sort(io);
        compare(caller[ROUNDS / 2], io[ROUNDS / 2]);
        assertThat(broker.messages()).isEqualTo(WARM_UP + ROUNDS * MESSAGES);
    }

    private void publish(int messages) {
        CompletableFuture<Confirmation> last = new CompletableFuture<>();
        for (int i = 0; i < messages; i++) {
            last = producer.publishAsync(body, options);
        }
        assertThat(last.join()).isEqualTo(Confirmation.ONE); // confirms complete in order
    }

    private static LongSupplier allocatedSinceNow(long thread) {
        long before = THREADS.getThreadAllocatedBytes(thread);
        return () -> THREADS.getThreadAllocatedBytes(thread) - before;
    }

    private static void compare(double caller, double io) throws IOException {
        if (UPDATE) {
            Files.createDirectories(GOLDEN.getParent());
            Files.writeString(
                    GOLDEN,
                    "# Heap bytes of one confirmed publish of 100 bytes, prepared options, a future each.\n"
                            + String.format(Locale.ROOT, "caller %.1f%nio-thread %.1f%n", caller, io));
        }
        List<String> lines = Files.readAllLines(GOLDEN);
        assertThat(caller).as("bytes the caller allocates").isCloseTo(number(lines.get(1)), within(TOLERANCE));
        assertThat(io).as("bytes the I/O thread allocates").isCloseTo(number(lines.get(2)), within(TOLERANCE));
    }

    private static double number(String line) {
        return Double.parseDouble(line.substring(line.indexOf(' ')));
    }
}
