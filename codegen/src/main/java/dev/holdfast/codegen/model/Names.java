package dev.holdfast.codegen.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.SourceVersion;

/** Turns names with hyphens into Java's. */
final class Names {
    /** What every method answers about itself: a field of that name would answer in its place. */
    private static final Set<String> TAKEN =
            Set.of("classId", "methodId", "id", "methodName", "hasContent", "synchronous", "encode", "decode");

    private Names() {}

    static String type(String name) {
        return Arrays.stream(name.split("-", -1))
                .filter(word -> !word.isEmpty())
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .collect(Collectors.joining());
    }

    static String constant(String name) {
        return name.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Camel case, with an underscore behind what Java or the generated interface needs for itself. */
    static String component(String name) {
        String type = type(name);
        String camel = type.isEmpty() ? "" : type.substring(0, 1).toLowerCase(Locale.ROOT) + type.substring(1);
        return SourceVersion.isKeyword(camel) || TAKEN.contains(camel) ? camel + "_" : camel;
    }
}
