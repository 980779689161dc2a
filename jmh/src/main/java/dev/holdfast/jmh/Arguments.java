package dev.holdfast.jmh;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Parses a command line of options {@code --name value} and flags {@code --name}. */
final class Arguments {
    private final Map<String, String> values = new HashMap<>();
    private final Set<String> flags = new HashSet<>();

    /** Parses options with a value and flags without one; any other argument is an error. */
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

    String text(String name, String defaultValue) {
        return values.getOrDefault(name, defaultValue);
    }

    double number(String name, double defaultValue) {
        return values.containsKey(name) ? Double.parseDouble(text(name, "")) : defaultValue;
    }

    /** The comma-separated values of an option. */
    <T> List<T> list(String name, Function<String, T> parse, List<T> defaultValue) {
        return values.containsKey(name)
                ? Stream.of(text(name, "").split(",", -1)).map(parse).toList()
                : defaultValue;
    }
}
