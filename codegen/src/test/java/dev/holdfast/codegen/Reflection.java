package dev.holdfast.codegen;

import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;

/** Calls compiled code by reflection; selects a member by name and number of arguments. */
final class Reflection {
    private Reflection() {}

    static Object create(Class<?> type, Object... arguments) {
        return unwrap(() -> select(type.getConstructors(), arguments).newInstance(arguments));
    }

    static Object call(Object target, String name, Object... arguments) {
        return unwrap(() -> method(target.getClass(), name, arguments).invoke(target, arguments));
    }

    static Object callStatic(Class<?> type, String name, Object... arguments) {
        return unwrap(() -> method(type, name, arguments).invoke(null, arguments));
    }

    private static Method method(Class<?> type, String name, Object... arguments) {
        Method[] overloads = Arrays.stream(type.getMethods())
                .filter(method -> method.getName().equals(name))
                .toArray(Method[]::new);
        return select(overloads, arguments);
    }

    private static <T extends Executable> T select(T[] candidates, Object... arguments) {
        return Arrays.stream(candidates)
                .filter(candidate -> candidate.getParameterCount() == arguments.length)
                .findFirst()
                .orElseThrow();
    }

    private static Object unwrap(ReflectiveCall call) {
        try {
            return call.run();
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw new AssertionError(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    @FunctionalInterface
    private interface ReflectiveCall {
        Object run() throws ReflectiveOperationException;
    }
}
