package dev.holdfast.internal.frame;

import dev.holdfast.internal.protocol.Method;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Methods by their two numbers, for the words of an error: a broker that closes something blames a method by number.
 * Loaded at the first error. Thread-safe.
 */
public final class MethodNames {
    private static final Map<Integer, String> NAMES = load();
    private static final String HOLDER_SUFFIX = "Methods";

    private MethodNames() {}

    /** Such as {@code queue.bind}; empty when both numbers are 0, which blames none. */
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
                throw new LinkageError("no number: " + method, e);
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
