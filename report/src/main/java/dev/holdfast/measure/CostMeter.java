package dev.holdfast.measure;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Counts what this process spends from now on. Not thread-safe.
 *
 * <p>Heap: Java 21 and later keep the sum of all threads, those that have ended included. Before that a thread takes its count
 * with it when it ends: {@link #observe} keeps the newest count of each, so what a thread allocates after the last
 * observation of its life is missing, and nothing else.
 */
public final class CostMeter {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private final Set<Long> uncounted;
    private final Map<Long, Long> heap = new HashMap<>();
    private final Map<Long, Long> cpu = new HashMap<>();
    private final long cpuBefore;
    private final long threadsBefore;
    private final long heapBefore;

    /** Starts counting. {@code uncounted} threads, those of the measurement itself, are left out of heap and thread time. */
    public CostMeter(Thread... uncounted) {
        this.uncounted = Stream.of(uncounted).map(CostMeter::id).collect(Collectors.toSet());
        observe();
        this.heapBefore = heapBytes();
        this.threadsBefore = sum(cpu);
        this.cpuBefore = SYSTEM.getProcessCpuTime();
    }

    @SuppressWarnings("deprecation") // Thread.threadId() came with Java 19.
    private static long id(Thread thread) {
        return thread.getId();
    }

    /** Takes down what the threads alive have spent. To be called now and then where threads end. */
    public void observe() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        long[] nanos = THREADS.getThreadCpuTime(ids);
        for (int i = 0; i < ids.length; i++) {
            if (!uncounted.contains(ids[i])) {
                heap.merge(ids[i], bytes[i], Math::max);
                cpu.merge(ids[i], nanos[i], Math::max);
            }
        }
    }

    /** What was spent until now. */
    public Cost read() {
        long cpuNanos = SYSTEM.getProcessCpuTime() - cpuBefore;
        observe();
        return new Cost(cpuNanos, sum(cpu) - threadsBefore, heapBytes() - heapBefore);
    }

    private long heapBytes() {
        long total = totalOfAllThreads();
        if (total < 0) {
            return sum(heap);
        }
        for (long id : uncounted) {
            total -= Math.max(0, THREADS.getThreadAllocatedBytes(id));
        }
        return total;
    }

    /** The attribute that Java 21 added; -1 where there is none. */
    private static long totalOfAllThreads() {
        try {
            ObjectName threads = new ObjectName(ManagementFactory.THREAD_MXBEAN_NAME);
            return (Long) ManagementFactory.getPlatformMBeanServer().getAttribute(threads, "TotalThreadAllocatedBytes");
        } catch (JMException e) {
            return -1;
        }
    }

    private static long sum(Map<Long, Long> values) {
        return values.values().stream().mapToLong(value -> Math.max(0, value)).sum();
    }
}
