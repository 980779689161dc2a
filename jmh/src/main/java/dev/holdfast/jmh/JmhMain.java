package dev.holdfast.jmh;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** JMH's command line, with {@code -prof gc} unless a profiler is named: allocated bytes are exact, times are not. */
public final class JmhMain {
    private JmhMain() {}

    /** Runs JMH. */
    public static void main(String[] arguments) throws IOException {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        if (!all.contains("-prof")) {
            all.addAll(List.of("-prof", "gc"));
        }
        org.openjdk.jmh.Main.main(all.toArray(String[]::new));
    }
}
