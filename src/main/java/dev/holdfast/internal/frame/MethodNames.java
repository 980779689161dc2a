package dev.holdfast.internal.frame;

import dev.holdfast.internal.protocol.Method;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Maps class and method id to the name of a method, for error messages: a close names the failed method by its ids
 * only. The names are collected by reflection at the first error. Thread-safe.
 */
public final class MethodNames {
    private static final Map<Integer, String> NAMES = load();
    private static final String HOLDER_SUFFIX = "Methods";

    private MethodNames() {}

    /** A name such as {@code queue.bind}; empty if both ids are 0, which means no method. */
    public static String of(int classId, int methodId) {
        if (classId == 0 && methodId == 0) {
            return "";
        }
        String name = NAMES.get(classId << 16 | methodId);
        return name == null ? "class " + classId + ", method " + methodId : name;
    }

    private static Map<Integer, String> load() {
        Map<Integer, String> names = new HashMap<>();
        for (Class<?> method : Method.class.getPermittedSubclasses()) {
            try {
                names.put(method.getField("ID").getInt(null), name(method));
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("no ID constant: " + method, e);
            }
        }
        return Map.copyOf(names);
    }

    private static String name(Class<?> method) {
        String holder = method.getDeclaringClass().getSimpleName();
        return hyphens(holder.substring(0, holder.length() - HOLDER_SUFFIX.length())) + "."
                + hyphens(method.getSimpleName());
    }

    private static String hyphens(String camel) {
        return camel.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }
}
