package dev.holdfast.jmh;

import dev.holdfast.jmh.floor.Floor;
import dev.holdfast.jmh.floor.Floor.Reached;
import dev.holdfast.jmh.floor.Rows;
import dev.holdfast.jmh.load.Fork;
import dev.holdfast.jmh.load.Trials;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What publishing and consuming must reach at the least, measured, one row each with its floor and whether it is reached.
 *
 * <pre>
 * java -cp jmh/target/benchmarks.jar dev.holdfast.jmh.Floors [--quick] [--rows confirmed,bodies,...] [--list]
 *     [--rounds 5] [--warm-up 5] [--seconds 5]
 * </pre>
 *
 * {@code --quick} takes one short round of each, to see that it runs: its figures say little. {@code --list} prints the names of
 * the rows. The exit status is 1 where a floor is not reached.
 */
public final class Floors {
    private Floors() {}

    /** Measures the rows that are asked for, and prints them as one table. */
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
        List<Floor> floors = Rows.all(trials, quick);
        if (options.has("--list")) {
            floors.forEach(floor -> System.out.println(floor.name()));
            return;
        }
        List<String> wanted = options.list("--rows", name -> name, List.of());
        System.exit(print(measure(floors, wanted)) ? 0 : 1);
    }

    private static List<Reached> measure(List<Floor> floors, List<String> wanted) throws Exception {
        List<String> names = floors.stream().map(Floor::name).toList();
        if (!names.containsAll(wanted)) {
            throw new IllegalArgumentException("--rows: " + wanted + " (expected: some of " + names + ")");
        }
        List<Reached> all = new ArrayList<>();
        for (Floor floor : floors) {
            if (wanted.isEmpty() || wanted.contains(floor.name())) {
                System.err.println("measuring " + floor.name() + " ...");
                all.addAll(measure(floor));
            }
        }
        return all;
    }

    /** A row that cannot be measured is not reached, and no reason to forget the others. */
    private static List<Reached> measure(Floor floor) {
        try {
            return floor.measure();
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            e.printStackTrace();
            return List.of(new Reached(floor.name(), "measured", e.toString(), false));
        }
    }

    private static boolean print(List<Reached> rows) {
        System.out.println("| what | floor | figure | reached |");
        System.out.println("|---|---|---|---|");
        for (Reached row : rows) {
            System.out.println("| " + row.what() + " | " + row.floor() + " | " + row.figure() + " | "
                    + (row.yes() ? "yes" : "**no**") + " |");
        }
        return rows.stream().allMatch(Reached::yes);
    }
}
