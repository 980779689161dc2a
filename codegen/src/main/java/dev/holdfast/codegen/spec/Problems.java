package dev.holdfast.codegen.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with a protocol file, so that one run tells it all. */
public final class Problems {
    private final String source;
    private final List<Problem> found = new ArrayList<>();

    public Problems(String source) {
        this.source = source;
    }

    public void add(int line, String message) {
        found.add(new Problem(line, message));
    }

    /**
     * Does nothing while there is nothing to report.
     *
     * @throws SpecException with every problem so far, in the order of the file
     */
    public void throwIfAny() {
        if (!found.isEmpty()) {
            List<Problem> inOrder = new ArrayList<>(found);
            inOrder.sort(Comparator.comparingInt(Problem::line));
            throw new SpecException(source, inOrder);
        }
    }
}
