package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.load.Case;
import dev.holdfast.jmh.load.Figures;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The medians of all cases; each one's figures go to standard error as they are, for whoever doubts the table. */
record Medians(Map<Case, Figures> byCase) {
    static Medians of(Map<Case, List<Figures>> all) {
        Map<Case, Figures> medians = new LinkedHashMap<>();
        all.forEach((what, figures) -> {
            Figures median = Figures.median(figures);
            double[] rates = Figures.rates(figures);
            System.err.printf(
                    "  %-62s %,11.0f/s (%,.0f-%,.0f) %7.3f us CPU %7.1f B heap, p50 %.1f p99 %.1f us%n",
                    what,
                    median.perSecond(),
                    rates[0],
                    rates[1],
                    median.cpuMicros(),
                    median.heapBytes(),
                    median.p50(),
                    median.p99());
            medians.put(what, median);
        });
        return new Medians(medians);
    }

    Figures of(Case what) {
        Figures figures = byCase.get(what);
        if (figures == null) {
            throw new IllegalArgumentException("case: " + what + " (expected: one that was measured)");
        }
        return figures;
    }

    /** The fastest of a family of clients. */
    Case fastest(String family) {
        return byCase.keySet().stream()
                .filter(what -> what.client().name().startsWith(family))
                .max(Comparator.comparingDouble(what -> of(what).perSecond()))
                .orElseThrow();
    }
}
