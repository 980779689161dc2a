package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.floor.Floor.FloorResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Floors that JMH measures without a socket. */
final class CodecFloors {
    private static final double MAX_ACK_NANOS = 30;
    /** Tolerance for what a JMH iteration itself allocates, spread over a million acks. */
    private static final double MAX_ACK_BYTES = 0.01;

    private final boolean quick;

    CodecFloors(boolean quick) {
        this.quick = quick;
    }

    List<FloorResult> acks() throws Exception {
        OptionsBuilder options = new OptionsBuilder();
        options.include("DecodeAcksBenchmark").forks(quick ? 1 : 3).shouldFailOnError(true);
        if (quick) {
            options.warmupIterations(2)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(2)
                    .measurementTime(TimeValue.seconds(1));
        }
        List<FloorResult> floors = new ArrayList<>();
        List<RunResult> results = new ArrayList<>(new Runner(options.build()).run());
        results.sort(Comparator.comparing(result -> result.getParams().id()));
        for (RunResult result : results) {
            String name = "decode acks to completed futures, window 10,000, "
                    + result.getParams().getParam("acks");
            double nanos = result.getPrimaryResult().getScore();
            double bytes = sum(result, "bytesAllocated") / sum(result, "acksDecoded");
            floors.add(new FloorResult(name, "<= 30 ns each", String.format("%.1f ns", nanos), nanos <= MAX_ACK_NANOS));
            floors.add(new FloorResult(name, "0 bytes", String.format("%.3f bytes", bytes), bytes <= MAX_ACK_BYTES));
        }
        return floors;
    }

    private static double sum(RunResult result, String counter) {
        Result<?> value = result.getSecondaryResults().get(counter);
        if (value == null) {
            throw new IllegalStateException("counter: " + counter + " (expected: one of the benchmark's)");
        }
        return value.getScore();
    }
}
