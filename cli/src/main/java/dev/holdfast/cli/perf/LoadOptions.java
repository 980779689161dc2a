package dev.holdfast.cli.perf;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.Transport;
import dev.holdfast.cli.common.SecondsConverter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How much is sent, and how. */
@Command
final class LoadOptions {
    private static final long MESSAGES = 1_000_000;
    private static final long WARMUP = 500_000;
    private static final int WARMUP_SECONDS = 5;
    private static final int MOST_WINDOW = 1 << 24;
    private static final int MOST_PREFETCH = 65_535;
    private static final int MOST_SIZE = 1 << 27;
    private static final int MOST_THREADS = 1000;
    private static final double MOST_RATE = 1e9;
    private static final int VIRTUAL_SINCE = 21;

    @Option(
            names = "--messages",
            paramLabel = "N",
            description = "stop after so many; default: 1000000, or none with --seconds")
    private @Nullable Long messages;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            converter = SecondsConverter.class,
            description = "stop after so long, whichever comes first")
    private @Nullable Duration seconds;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "messages before the measurement; default: half of --messages, or 500000, and with --rate"
                    + " at most 5 seconds of it")
    private @Nullable Long warmup;

    @Option(names = "--size", paramLabel = "B", defaultValue = "100", description = "bytes of a body; default: 100")
    private int size;

    @Option(
            names = "--window",
            paramLabel = "W",
            defaultValue = "10000",
            description = "unconfirmed messages a connection at most, with --consume the prefetch of a consumer;"
                    + " default: 10000")
    private int window;

    @Option(
            names = "--no-confirms",
            description = "no publisher confirms: a message is done when it is handed to the transport")
    private boolean noConfirms;

    @Option(
            names = "--connections",
            paramLabel = "C",
            defaultValue = "1",
            description = "how many connections; default: 1")
    private int connections;

    @Option(
            names = "--threads",
            paramLabel = "T",
            description = "publishing threads, or consumers, over all connections; default: one a connection")
    private @Nullable Integer threads;

    @Option(names = "--virtual-threads", description = "publish from virtual threads; they exist since Java 21")
    private boolean virtualThreads;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description = "messages a second over all threads, on a fixed schedule; default: as fast as it goes")
    private @Nullable Double rate;

    @Option(names = "--consume", description = "fill a queue of its own first, then measure emptying it")
    private boolean consume;

    @Option(
            names = "--transport",
            paramLabel = "T",
            defaultValue = "auto",
            description = "auto, nio, epoll, io_uring or kqueue; default: auto, the best there is")
    private Transport transport = Transport.AUTO;

    /**
     * What is to be done.
     *
     * @param messages at most so many after the warm-up
     * @param seconds at most so long after the warm-up; null for no limit
     * @param rate messages a second; 0 for as many as there can be
     */
    record Plan(
            long messages,
            @Nullable Duration seconds,
            long warmup,
            int size,
            int window,
            boolean confirms,
            int connections,
            int threads,
            boolean virtualThreads,
            double rate,
            Transport transport) {

        /** Applies what concerns the connection. */
        ConnectionOptions apply(ConnectionOptions options) {
            return options.transport(transport).confirms(confirms).maxUnconfirmed(window);
        }
    }

    boolean consume() {
        return consume;
    }

    /**
     * Puts the options together.
     *
     * @param targeted whether a queue, exchange or routing key was named
     * @param discard whether the peer is one that has no messages
     * @throws IllegalArgumentException if they do not fit together
     */
    Plan plan(boolean targeted, boolean discard) {
        range("--messages", messages == null ? 1 : messages, 1, Long.MAX_VALUE / 2);
        range("--warmup", warmup == null ? 0 : warmup, 0, Long.MAX_VALUE / 2);
        range("--size", size, 0, MOST_SIZE);
        range("--window", window, 1, consume ? MOST_PREFETCH : MOST_WINDOW);
        range("--connections", connections, 1, MOST_THREADS);
        int workers = threads == null ? connections : threads;
        range("--threads", workers, connections, MOST_THREADS);
        if (rate != null && !(rate > 0 && rate <= MOST_RATE)) {
            throw new IllegalArgumentException("--rate: " + rate + " (expected: above 0, up to 1000000000)");
        }
        if (virtualThreads && Runtime.version().feature() < VIRTUAL_SINCE) {
            throw new IllegalArgumentException("--virtual-threads: Java "
                    + Runtime.version().feature() + " (expected: Java " + VIRTUAL_SINCE + " or later)");
        }
        if (consume) {
            checkConsume(targeted, discard);
        }
        long most = messages != null ? messages : seconds == null ? MESSAGES : Long.MAX_VALUE / 2;
        double pace = rate == null ? 0 : rate;
        return new Plan(
                most,
                seconds,
                warmup(pace),
                size,
                window,
                !noConfirms,
                connections,
                workers,
                virtualThreads,
                pace,
                transport);
    }

    private void checkConsume(boolean targeted, boolean discard) {
        refuse("--discard", discard, "--uri or --embedded, which have queues");
        refuse("--seconds", seconds != null, "--messages");
        refuse("--rate", rate != null, "none, the broker sets the pace");
        refuse("--no-confirms", noConfirms, "without it");
        refuse("--virtual-threads", virtualThreads, "without it");
        refuse("a target", targeted, "none, it makes a queue of its own");
    }

    private static void refuse(String name, boolean present, String expected) {
        if (present) {
            throw new IllegalArgumentException(name + ": with --consume (expected: " + expected + ")");
        }
    }

    private long warmup(double pace) {
        if (warmup != null) {
            return warmup;
        }
        long most = messages != null ? messages / 2 : WARMUP;
        return pace > 0 ? Math.min(most, (long) (pace * WARMUP_SECONDS)) : most;
    }

    private static void range(String name, long value, long least, long most) {
        if (value < least || value > most) {
            String expected = most == Long.MAX_VALUE / 2 ? ">= " + least : least + ".." + most;
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
