package dev.holdfast.codegen.spec;

import java.util.List;
import java.util.stream.Collectors;

/** Thrown if the protocol file has errors. The message has a line for each problem. */
public final class SpecException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    SpecException(String source, List<Problem> problems) {
        super(problems.stream()
                .map(problem -> source + ":" + problem.line() + ": " + problem.message())
                .collect(Collectors.joining("\n", problems.size() + " problem(s) in the protocol file\n", "")));
        this.problems = List.copyOf(problems);
    }

    /** Returns the problems, in the order of the file. */
    public List<Problem> problems() {
        return problems;
    }
}
