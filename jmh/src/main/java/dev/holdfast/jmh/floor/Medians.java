package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.load.Figures;
import dev.holdfast.jmh.load.Scenario;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The medians of all scenarios. The figures behind them are printed to standard error. */
record Medians(Map<Scenario, Figures> byScenario) {
    static Medians of(Map<Scenario, List<Figures>> roundsByScenario) {
        Map<Scenario, Figures> medians = new LinkedHashMap<>();
        roundsByScenario.forEach((scenario, figures) -> {
            Figures median = Figures.median(figures);
            double[] rates = Figures.rates(figures);
            System.err.printf(
                    "  %-62s %,11.0f/s (%,.0f-%,.0f) %7.3f us CPU %7.1f B heap, p50 %.1f p99 %.1f us%n",
                    scenario,
                    median.perSecond(),
                    rates[0],
                    rates[1],
                    median.cpuMicros(),
                    median.heapBytes(),
                    median.p50(),
                    median.p99());
            medians.put(scenario, median);
        });
        return new Medians(medians);
    }

    Figures of(Scenario scenario) {
        Figures figures = byScenario.get(scenario);
        if (figures == null) {
            throw new IllegalArgumentException("scenario: " + scenario + " (expected: a measured one)");
        }
        return figures;
    }

    /** The fastest scenario of the clients whose names start with {@code family}. */
    Scenario fastest(String family) {
        return byScenario.keySet().stream()
                .filter(scenario -> scenario.client().name().startsWith(family))
                .max(Comparator.comparingDouble(scenario -> of(scenario).perSecond()))
                .orElseThrow();
    }
}
