package dev.holdfast.jmh.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.jmh.impl.ConfirmedPublisher;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The main class of a measuring JVM: takes one measurement and prints its figures as the last line. */
public final class Child {
    /** How long it is silent before a lone message. */
    static final long LONE_PAUSE_MILLIS = 20;

    /** The line that a START prints at once. */
    static final String CONFIRMED = "CONFIRMED";

    private Child() {}

    /**
     * Takes the measurement.
     *
     * @param arguments the URI, the warm-up and the measurement in seconds, and what {@link Case#arguments} gives
     */
    public static void main(String[] arguments) throws Exception {
        List<String> all = Arrays.asList(arguments);
        double warmUp = Double.parseDouble(all.get(1));
        double seconds = Double.parseDouble(all.get(2));
        Case what = Case.parse(all.subList(3, all.size()));
        if (what.task() == Task.START) {
            firstConfirm(all.get(0), what);
            return;
        }
        System.out.println(measure(all.get(0), warmUp, seconds, what).line());
    }

    private static Figures measure(String uri, double warmUp, double seconds, Case what) throws Exception {
        return switch (what.task()) {
            case PUBLISH, UNCONFIRMED, JSON -> new PublishLoad(what).run(uri, warmUp, seconds);
            case SYNC, LONE -> {
                long pause = what.task() == Task.LONE ? LONE_PAUSE_MILLIS : 0;
                try (SyncLoad load = new SyncLoad(what.client(), uri, what.size(), pause)) {
                    yield load.run(warmUp, seconds);
                }
            }
            case CONSUME -> new ConsumeLoad(warmUp, seconds).run(what.client(), uri, what.size());
            case JACKSON -> jackson(warmUp, seconds);
            case START -> throw new IllegalArgumentException("task: START (expected: a measurement with a warm-up)");
        };
    }

    /** Says that it is confirmed before anything is loaded that only measures. */
    private static void firstConfirm(String uri, Case what) throws Exception {
        try (ConfirmedPublisher publisher = what.client().open(uri, what.window())) {
            var unused = publisher.publish(new byte[what.size()]);
            publisher.await();
            System.out.println(CONFIRMED);
            System.out.println(StartUp.cpu().line());
        }
    }

    private static Figures jackson(double warmUp, double seconds) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        long unused = serialize(mapper, warmUp);
        Costs before = Costs.now();
        long messages = serialize(mapper, seconds);
        return before.until(Costs.now(), 0, messages, new Histogram(1000, 3));
    }

    private static long serialize(ObjectMapper mapper, double seconds) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        long bytes = 0;
        long messages = 0;
        while (messages % 64 != 0 || System.nanoTime() < end) {
            bytes += mapper.writeValueAsBytes(JsonBody.MAP).length;
            messages++;
        }
        if (bytes < messages) {
            throw new IOException("Jackson wrote nothing");
        }
        return messages;
    }
}
