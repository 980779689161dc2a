package dev.holdfast.codegen.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects the errors of a protocol file, so that one run reports all of them. */
public final class Problems {
    private final String source;
    private final List<Problem> problems = new ArrayList<>();

    public Problems(String source) {
        this.source = source;
    }

    public void add(int line, String message) {
        problems.add(new Problem(line, message));
    }

    /**
     * Throws if a problem was added.
     *
     * @throws SpecException with all problems so far, in the order of the file
     */
    public void throwIfAny() {
        if (!problems.isEmpty()) {
            List<Problem> sorted = new ArrayList<>(problems);
            sorted.sort(Comparator.comparingInt(Problem::line));
            throw new SpecException(source, sorted);
        }
    }
}
