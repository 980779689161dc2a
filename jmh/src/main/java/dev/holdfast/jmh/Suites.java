package dev.holdfast.jmh;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** JMH's own command line, with {@code -prof gc} unless a profiler is named: allocation is exact where time is not. */
public final class Suites {
    private Suites() {}

    /** Runs JMH. */
    public static void main(String[] arguments) throws IOException {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        if (!all.contains("-prof")) {
            all.addAll(List.of("-prof", "gc"));
        }
        org.openjdk.jmh.Main.main(all.toArray(String[]::new));
    }
}
