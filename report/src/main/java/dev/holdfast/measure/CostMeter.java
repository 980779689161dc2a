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
 * Measures the processor time and heap allocation of this process since the creation of the meter. Not thread-safe.
 *
 * <p>Heap: Java 21 and later maintain the total of all threads, ended ones included. Earlier versions discard the count
 * of a thread when it ends. There {@link #observe} stores the latest count of each thread, so only the allocation of a
 * thread between its last observation and its end is missing.
 */
public final class CostMeter {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private final Set<Long> excluded;
    private final Map<Long, Long> heapBytesByThread = new HashMap<>();
    private final Map<Long, Long> cpuNanosByThread = new HashMap<>();
    private final long cpuBefore;
    private final long threadsBefore;
    private final long heapBefore;

    /**
     * Starts the measurement.
     *
     * @param excluded threads of the measurement itself, which do not count towards heap and thread time
     */
    public CostMeter(Thread... excluded) {
        this.excluded = Stream.of(excluded).map(CostMeter::id).collect(Collectors.toSet());
        observe();
        this.heapBefore = heapBytes();
        this.threadsBefore = sum(cpuNanosByThread);
        this.cpuBefore = SYSTEM.getProcessCpuTime();
    }

    @SuppressWarnings("deprecation") // Thread.threadId() requires Java 19.
    private static long id(Thread thread) {
        return thread.getId();
    }

    /** Stores the current counts of all live threads. Call it periodically if threads end during the measurement. */
    public void observe() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        long[] nanos = THREADS.getThreadCpuTime(ids);
        for (int i = 0; i < ids.length; i++) {
            if (!excluded.contains(ids[i])) {
                heapBytesByThread.merge(ids[i], bytes[i], Math::max);
                cpuNanosByThread.merge(ids[i], nanos[i], Math::max);
            }
        }
    }

    /** Returns the cost since the creation of this meter. */
    public Cost read() {
        long cpuNanos = SYSTEM.getProcessCpuTime() - cpuBefore;
        observe();
        return new Cost(cpuNanos, sum(cpuNanosByThread) - threadsBefore, heapBytes() - heapBefore);
    }

    private long heapBytes() {
        long total = totalOfAllThreads();
        if (total < 0) {
            return sum(heapBytesByThread);
        }
        for (long id : excluded) {
            total -= Math.max(0, THREADS.getThreadAllocatedBytes(id));
        }
        return total;
    }

    /** Returns the value of the attribute that Java 21 added, or -1 on earlier versions. */
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
