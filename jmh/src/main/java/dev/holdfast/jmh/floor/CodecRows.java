package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.floor.Floor.Reached;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** What is measured without a socket, by JMH. */
final class CodecRows {
    private static final double ACK_NANOS = 30;
    /** What one JMH iteration allocates by itself, spread over a million acks. */
    private static final double ACK_BYTES = 0.01;

    private final boolean quick;

    CodecRows(boolean quick) {
        this.quick = quick;
    }

    List<Reached> acks() throws Exception {
        OptionsBuilder options = new OptionsBuilder();
        options.include("DecodeAcksBenchmark").forks(quick ? 1 : 3).shouldFailOnError(true);
        if (quick) {
            options.warmupIterations(2)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(2)
                    .measurementTime(TimeValue.seconds(1));
        }
        List<Reached> reached = new ArrayList<>();
        List<RunResult> results = new ArrayList<>(new Runner(options.build()).run());
        results.sort(Comparator.comparing(result -> result.getParams().id()));
        for (RunResult result : results) {
            String what = "decode acks to completed futures, window 10,000, "
                    + result.getParams().getParam("acks");
            double nanos = result.getPrimaryResult().getScore();
            double bytes = sum(result, "bytesAllocated") / sum(result, "acksDecoded");
            reached.add(new Reached(what, "<= 30 ns each", String.format("%.1f ns", nanos), nanos <= ACK_NANOS));
            reached.add(new Reached(what, "0 bytes", String.format("%.3f bytes", bytes), bytes <= ACK_BYTES));
        }
        return reached;
    }

    private static double sum(RunResult result, String counter) {
        Result<?> counted = result.getSecondaryResults().get(counter);
        if (counted == null) {
            throw new IllegalStateException("counter: " + counter + " (expected: one of the benchmark's)");
        }
        return counted.getScore();
    }
}
