package dev.holdfast.jmh.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.jmh.adapter.ConfirmedPublisher;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The main class of a forked JVM: takes one measurement and prints its figures as the last line. */
public final class ForkedMain {
    /** Pause before each message of the task LONE. */
    static final long LONE_PAUSE_MILLIS = 20;

    /** The line that the task START prints when its message is confirmed. */
    static final String CONFIRMED = "CONFIRMED";

    private ForkedMain() {}

    /**
     * Takes the measurement.
     *
     * @param arguments the URI, the warm-up and the measurement in seconds, and {@link Scenario#arguments}
     */
    public static void main(String[] arguments) throws Exception {
        List<String> all = Arrays.asList(arguments);
        double warmUp = Double.parseDouble(all.get(1));
        double seconds = Double.parseDouble(all.get(2));
        Scenario scenario = Scenario.parse(all.subList(3, all.size()));
        if (scenario.task() == Task.START) {
            firstConfirm(all.get(0), scenario);
            return;
        }
        System.out.println(measure(all.get(0), warmUp, seconds, scenario).line());
    }

    private static Figures measure(String uri, double warmUp, double seconds, Scenario scenario) throws Exception {
        return switch (scenario.task()) {
            case PUBLISH, UNCONFIRMED, JSON -> new PublishLoad(scenario).run(uri, warmUp, seconds);
            case SYNC, LONE -> {
                long pause = scenario.task() == Task.LONE ? LONE_PAUSE_MILLIS : 0;
                try (SyncLoad load = new SyncLoad(scenario.client(), uri, scenario.size(), pause)) {
                    yield load.run(warmUp, seconds);
                }
            }
            case CONSUME -> new ConsumeLoad(warmUp, seconds).run(scenario.client(), uri, scenario.size());
            case JACKSON -> jackson(warmUp, seconds);
            case START -> throw new IllegalArgumentException("task: START (expected: a measurement with a warm-up)");
        };
    }

    /** Prints {@link #CONFIRMED} before it loads classes that only the measurement needs. */
    private static void firstConfirm(String uri, Scenario scenario) throws Exception {
        try (ConfirmedPublisher publisher = scenario.client().open(uri, scenario.window())) {
            var unused = publisher.publish(new byte[scenario.size()]);
            publisher.await();
            System.out.println(CONFIRMED);
            System.out.println(StartUpCost.cpu().line());
        }
    }

    private static Figures jackson(double warmUp, double seconds) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        long unused = serialize(mapper, warmUp);
        CostSnapshot before = CostSnapshot.now();
        long messages = serialize(mapper, seconds);
        return before.until(CostSnapshot.now(), 0, messages, new Histogram(1000, 3));
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
