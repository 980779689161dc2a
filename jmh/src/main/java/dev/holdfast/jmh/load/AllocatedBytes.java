package dev.holdfast.jmh.load;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes that all platform threads have allocated on the heap, ended threads included. JDK 21 and later
 * provide the sum; on older JDKs a thread samples the bytes of each thread ten times a second.
 */
final class AllocatedBytes {
    private static final long SAMPLE_MILLIS = 100;
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private static final @Nullable Method TOTAL = totalMethod();
    private static final Map<Long, Long> LAST_SAMPLE = new HashMap<>();

    static {
        if (TOTAL == null) {
            Thread sampler = new Thread(AllocatedBytes::sampleRepeatedly, "allocations");
            sampler.setDaemon(true);
            sampler.start();
        }
    }

    private AllocatedBytes() {}

    private static @Nullable Method totalMethod() {
        try {
            return ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes");
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    static long total() {
        try {
            return TOTAL == null ? sample() : (long) TOTAL.invoke(THREADS);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("allocated bytes cannot be read", e);
        }
    }

    private static long sample() {
        synchronized (LAST_SAMPLE) {
            long[] ids = THREADS.getAllThreadIds();
            long[] bytes = THREADS.getThreadAllocatedBytes(ids);
            for (int i = 0; i < ids.length; i++) {
                if (bytes[i] >= 0) {
                    LAST_SAMPLE.put(ids[i], bytes[i]);
                }
            }
            return LAST_SAMPLE.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private static void sampleRepeatedly() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(SAMPLE_MILLIS);
                long unused = sample();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
