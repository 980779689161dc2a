package dev.holdfast.testkit.junit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What was started for one class or one test, one of each type. Thread-safe. */
final class Resources {
    private final Map<Class<?>, AutoCloseable> byType = new HashMap<>();
    private final Deque<AutoCloseable> newestFirst = new ArrayDeque<>();

    /** The resource of this type, started when it is first asked for. */
    synchronized <T extends AutoCloseable> T get(Class<T> type, Supplier<T> start) {
        AutoCloseable existing = byType.get(type);
        if (existing != null) {
            return type.cast(existing);
        }
        T started = start.get();
        byType.put(type, started);
        newestFirst.push(started);
        return started;
    }

    synchronized void close() throws Exception {
        for (AutoCloseable resource : newestFirst) {
            resource.close();
        }
    }
}
