package dev.holdfast.jmh;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Options of a command line, {@code --name value}, where flags have no value. */
final class Arguments {
    private final Map<String, String> values = new HashMap<>();
    private final Set<String> flags = new HashSet<>();

    /** Takes options that have a value, and those that have none; refuses all others. */
    Arguments(String[] arguments, Set<String> valued, Set<String> unvalued) {
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i];
            if (unvalued.contains(name)) {
                flags.add(name);
            } else if (valued.contains(name) && i + 1 < arguments.length) {
                values.put(name, arguments[++i]);
            } else {
                throw new IllegalArgumentException(
                        "option: " + name + " (expected: " + valued + " with a value, or " + unvalued + ")");
            }
        }
    }

    boolean has(String flag) {
        return flags.contains(flag);
    }

    String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    double number(String name, double otherwise) {
        return values.containsKey(name) ? Double.parseDouble(text(name, "")) : otherwise;
    }

    /** Values with commas between. */
    <T> List<T> list(String name, Function<String, T> parse, List<T> otherwise) {
        return values.containsKey(name)
                ? Stream.of(text(name, "").split(",", -1)).map(parse).toList()
                : otherwise;
    }
}
