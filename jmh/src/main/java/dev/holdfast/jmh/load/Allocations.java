package dev.holdfast.jmh.load;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that all platform threads have allocated on the heap, those that have ended included. JDK 21 and later count that
 * themselves; before, a watcher remembers what each thread had allocated when it was last seen, ten times a second.
 */
final class Allocations {
    private static final long WATCH_MILLIS = 100;
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private static final @Nullable Method TOTAL = totalMethod();
    private static final Map<Long, Long> SEEN = new HashMap<>();

    static {
        if (TOTAL == null) {
            Thread watcher = new Thread(Allocations::watch, "allocations");
            watcher.setDaemon(true);
            watcher.start();
        }
    }

    private Allocations() {}

    private static @Nullable Method totalMethod() {
        try {
            return ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes");
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    static long total() {
        try {
            return TOTAL == null ? look() : (long) TOTAL.invoke(THREADS);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("allocated bytes cannot be read", e);
        }
    }

    private static long look() {
        synchronized (SEEN) {
            long[] ids = THREADS.getAllThreadIds();
            long[] bytes = THREADS.getThreadAllocatedBytes(ids);
            for (int i = 0; i < ids.length; i++) {
                if (bytes[i] >= 0) {
                    SEEN.put(ids[i], bytes[i]);
                }
            }
            return SEEN.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private static void watch() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(WATCH_MILLIS);
                long unused = look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
