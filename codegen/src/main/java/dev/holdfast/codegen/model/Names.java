package dev.holdfast.codegen.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.SourceVersion;

/** Converts hyphenated names of the protocol file to Java names. */
final class Names {
    /** Members of every generated method: an argument with such a name would collide with them. */
    private static final Set<String> MEMBERS =
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

    /** Returns the name in camel case, with an underscore appended to Java keywords and members of the interface. */
    static String component(String name) {
        String type = type(name);
        String camel = type.isEmpty() ? "" : type.substring(0, 1).toLowerCase(Locale.ROOT) + type.substring(1);
        return SourceVersion.isKeyword(camel) || MEMBERS.contains(camel) ? camel + "_" : camel;
    }
}
