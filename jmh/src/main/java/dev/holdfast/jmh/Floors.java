package dev.holdfast.jmh;

import dev.holdfast.jmh.floor.Floor;
import dev.holdfast.jmh.floor.Floor.FloorResult;
import dev.holdfast.jmh.floor.FloorCatalog;
import dev.holdfast.jmh.load.Fork;
import dev.holdfast.jmh.load.Trials;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Measures the minimum performance of publishing and consuming. Prints one row for each floor: the required figure,
 * the measured figure, and whether the floor is reached.
 *
 * <pre>
 * java -cp jmh/target/benchmarks.jar dev.holdfast.jmh.Floors [--quick] [--rows confirmed,bodies,...] [--list]
 *     [--rounds 5] [--warm-up 5] [--seconds 5]
 * </pre>
 *
 * {@code --quick} takes one short round of each row, as a smoke test; its figures are not reliable. {@code --list}
 * prints the names of the rows. The exit status is 1 if a floor is not reached.
 */
public final class Floors {
    private Floors() {}

    /** Measures the selected rows and prints them as one table. */
    public static void main(String[] arguments) throws Exception {
        Arguments options = new Arguments(
                arguments, Set.of("--rows", "--rounds", "--warm-up", "--seconds"), Set.of("--quick", "--list"));
        boolean quick = options.has("--quick");
        Fork fork = new Fork(
                Fork.thisJava(),
                options.number("--warm-up", quick ? 1 : 5),
                options.number("--seconds", quick ? 1 : 5),
                false);
        Trials trials = new Trials(fork, (int) options.number("--rounds", quick ? 1 : 5));
        List<Floor> floors = FloorCatalog.all(trials, quick);
        if (options.has("--list")) {
            floors.forEach(floor -> System.out.println(floor.name()));
            return;
        }
        List<String> selected = options.list("--rows", name -> name, List.of());
        System.exit(print(measure(floors, selected)) ? 0 : 1);
    }

    private static List<FloorResult> measure(List<Floor> floors, List<String> selected) throws Exception {
        List<String> names = floors.stream().map(Floor::name).toList();
        if (!names.containsAll(selected)) {
            throw new IllegalArgumentException("--rows: " + selected + " (expected: some of " + names + ")");
        }
        List<FloorResult> results = new ArrayList<>();
        for (Floor floor : floors) {
            if (selected.isEmpty() || selected.contains(floor.name())) {
                System.err.println("measuring " + floor.name() + " ...");
                results.addAll(measure(floor));
            }
        }
        return results;
    }

    /** A row that fails counts as not reached; the others are still measured. */
    private static List<FloorResult> measure(Floor floor) {
        try {
            return floor.measure();
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            e.printStackTrace();
            return List.of(new FloorResult(floor.name(), "measured", e.toString(), false));
        }
    }

    private static boolean print(List<FloorResult> results) {
        System.out.println("| what | floor | figure | reached |");
        System.out.println("|---|---|---|---|");
        for (FloorResult result : results) {
            System.out.println("| " + result.name() + " | " + result.floor() + " | " + result.figure() + " | "
                    + (result.reached() ? "yes" : "**no**") + " |");
        }
        return results.stream().allMatch(FloorResult::reached);
    }
}
