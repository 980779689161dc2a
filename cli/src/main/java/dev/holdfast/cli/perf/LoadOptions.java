package dev.holdfast.cli.perf;

import dev.holdfast.Transport;
import dev.holdfast.cli.common.SecondsConverter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options of {@code perf} for the load: number, size and rate of messages, connections, threads and transport. */
@Command
final class LoadOptions {
    private static final long DEFAULT_MESSAGES = 1_000_000;
    private static final long DEFAULT_WARMUP = 500_000;
    private static final int MAX_WARMUP_SECONDS = 5;
    private static final int MAX_WINDOW = 1 << 24;
    private static final int MAX_PREFETCH = 65_535;
    private static final int MAX_SIZE = 1 << 27;
    private static final int MAX_THREADS = 1000;
    private static final double MAX_RATE = 1e9;
    private static final int VIRTUAL_THREADS_SINCE = 21;

    @Option(
            names = "--messages",
            paramLabel = "N",
            description = "stop after N messages; default: 1000000, or no limit with --seconds")
    private @Nullable Long messages;

    @Option(
            names = {"-z", "--seconds"},
            paramLabel = "S",
            converter = SecondsConverter.class,
            description = "stop after S seconds, or after --messages if that is earlier")
    private @Nullable Duration seconds;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "messages before the measurement; default: half of --messages, or 500000; with --rate at"
                    + " most 5 seconds of it")
    private @Nullable Long warmup;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "B",
            defaultValue = "100",
            description = "size of a body in bytes; default: 100")
    private int size;

    @Option(
            names = {"-c", "--window"},
            paramLabel = "W",
            defaultValue = "10000",
            description = "maximum unconfirmed messages a connection; with --consume the prefetch of a consumer;"
                    + " default: 10000")
    private int window;

    @Option(
            names = "--no-confirms",
            description = "no publisher confirms: a message is done once it is transferred to the transport")
    private boolean noConfirms;

    @Option(names = "--connections", paramLabel = "C", description = "number of connections; default: 1")
    private @Nullable Integer connections;

    @Option(
            names = "-x",
            paramLabel = "N",
            description = "N producers, each a thread with a connection of its own: --connections N; 0 for none, with"
                    + " -y")
    private @Nullable Integer producers;

    @Option(
            names = "-y",
            paramLabel = "N",
            description = "N consumers, each with a connection of its own: --consume --connections N; 0 for none")
    private @Nullable Integer consumers;

    @Option(
            names = "--threads",
            paramLabel = "T",
            description = "publishing threads, or consumers, of all connections; default: one a connection")
    private @Nullable Integer threads;

    @Option(names = "--virtual-threads", description = "publish from virtual threads; requires Java 21")
    private boolean virtualThreads;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description = "messages a second of all threads, on a fixed schedule; default: unlimited")
    private @Nullable Double rate;

    @Option(
            names = "-r",
            paramLabel = "R",
            description = "messages a second of each thread, on a fixed schedule: --rate divided by the threads")
    private @Nullable Double ratePerThread;

    @Option(names = "--consume", description = "fill a temporary queue first, then measure consuming it")
    private boolean consume;

    @Option(
            names = "--transport",
            paramLabel = "T",
            defaultValue = "auto",
            description = "auto, nio, epoll, io_uring or kqueue; default: auto, the best available")
    private Transport transport = Transport.AUTO;

    boolean consume() {
        return consume || (consumers != null && consumers > 0);
    }

    /**
     * Validates the options and returns the plan.
     *
     * @param hasTarget whether a queue, exchange or routing key is given
     * @param discard whether the peer is the discarding one, which has no queues
     * @throws IllegalArgumentException if a value is out of range or options conflict
     */
    LoadPlan plan(boolean hasTarget, boolean discard) {
        int links = links();
        requireRange("--messages", messages == null ? 1 : messages, 1, Long.MAX_VALUE / 2);
        requireRange("--warmup", warmup == null ? 0 : warmup, 0, Long.MAX_VALUE / 2);
        requireRange("--size", size, 0, MAX_SIZE);
        requireRange("--window", window, 1, consume() ? MAX_PREFETCH : MAX_WINDOW);
        requireRange("--connections", links, 1, MAX_THREADS);
        int workers = threads == null ? links : threads;
        requireRange("--threads", workers, links, MAX_THREADS);
        checkRates();
        if (virtualThreads && Runtime.version().feature() < VIRTUAL_THREADS_SINCE) {
            throw new IllegalArgumentException("--virtual-threads: Java "
                    + Runtime.version().feature() + " (expected: Java " + VIRTUAL_THREADS_SINCE + " or later)");
        }
        if (consume()) {
            checkConsume(hasTarget, discard);
        }
        long max = messages != null ? messages : seconds == null ? DEFAULT_MESSAGES : Long.MAX_VALUE / 2;
        double messagesPerSecond = ratePerThread != null ? ratePerThread * workers : rate == null ? 0 : rate;
        return new LoadPlan(
                max,
                seconds,
                warmup(messagesPerSecond),
                size,
                window,
                !noConfirms,
                links,
                workers,
                virtualThreads,
                messagesPerSecond,
                transport);
    }

    /** Returns the number of connections, from --connections or the letters of PerfTest. */
    private int links() {
        boolean publishes = producers != null && producers > 0;
        boolean consumes = consumers != null && consumers > 0;
        if (publishes && (consumes || consume)) {
            throw new IllegalArgumentException(
                    "-x and -y: both above 0 (expected: one of them, perf measures" + " publishing or consuming)");
        }
        if (producers != null && !publishes && !consume()) {
            throw new IllegalArgumentException("-x: " + producers + " (expected: above 0, or 0 with -y above 0)");
        }
        if (connections != null && (publishes || consumes)) {
            throw new IllegalArgumentException("--connections: with -x or -y (expected: one of them)");
        }
        requireRange("-x", producers == null ? 0 : producers, 0, MAX_THREADS);
        requireRange("-y", consumers == null ? 0 : consumers, 0, MAX_THREADS);
        if (publishes || consumes) {
            return Math.max(producers == null ? 0 : producers, consumers == null ? 0 : consumers);
        }
        return connections == null ? 1 : connections;
    }

    private void checkRates() {
        if (rate != null && ratePerThread != null) {
            throw new IllegalArgumentException("--rate and -r (expected: one of them)");
        }
        checkRate("--rate", rate);
        checkRate("-r", ratePerThread);
    }

    private static void checkRate(String name, @Nullable Double value) {
        if (value != null && !(value > 0 && value <= MAX_RATE)) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: above 0, up to 1000000000)");
        }
    }

    private void checkConsume(boolean hasTarget, boolean discard) {
        rejectIf("--discard", discard, "--uri or --embedded, which have queues");
        rejectIf("-z, --seconds", seconds != null, "--messages, which ends the run");
        rejectIf("-r, --rate", rate != null || ratePerThread != null, "no rate, the broker determines it");
        rejectIf("--no-confirms", noConfirms, "without it");
        rejectIf("--virtual-threads", virtualThreads, "without it");
        rejectIf("-u, --queue and other targets", hasTarget, "no target, a temporary queue is used");
    }

    private static void rejectIf(String name, boolean present, String expected) {
        if (present) {
            throw new IllegalArgumentException(name + ": with -y or --consume (expected: " + expected + ")");
        }
    }

    private long warmup(double messagesPerSecond) {
        if (warmup != null) {
            return warmup;
        }
        long max = messages != null ? messages / 2 : DEFAULT_WARMUP;
        return messagesPerSecond > 0 ? Math.min(max, (long) (messagesPerSecond * MAX_WARMUP_SECONDS)) : max;
    }

    private static void requireRange(String name, long value, long min, long max) {
        if (value < min || value > max) {
            String expected = max == Long.MAX_VALUE / 2 ? ">= " + min : min + ".." + max;
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
