package dev.holdfast.jmh.load;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.HdrHistogram.Histogram;

/** The resources that this process has used up to a point in time. */
final class CostSnapshot {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private static final Path CALLS = Path.of("/proc/self/io");

    private final long nanos;
    private final long cpu;
    private final long threadCpu;
    private final long allocated;
    private final long calls;

    private CostSnapshot() {
        this.allocated = AllocatedBytes.total();
        this.threadCpu = cpuOfThreads();
        this.calls = systemCalls();
        this.cpu = SYSTEM.getProcessCpuTime();
        this.nanos = System.nanoTime();
    }

    static CostSnapshot now() {
        return new CostSnapshot();
    }

    /** The figures of the interval from this snapshot to {@code end}. */
    Figures until(CostSnapshot end, long sent, long messages, Histogram latencies) {
        return new Figures(
                sent,
                messages,
                messages * 1e9 / (end.nanos - nanos),
                (end.cpu - cpu) / 1e3 / messages,
                (end.threadCpu - threadCpu) / 1e3 / messages,
                (double) (end.allocated - allocated) / messages,
                calls < 0 ? -1 : (double) (end.calls - calls) / messages,
                micros(latencies, 50),
                micros(latencies, 99),
                micros(latencies, 99.9));
    }

    private static double micros(Histogram latencies, double percentile) {
        return latencies.getTotalCount() == 0 ? 0 : latencies.getValueAtPercentile(percentile) / 1e3;
    }

    private static long cpuOfThreads() {
        long sum = 0;
        for (long id : THREADS.getAllThreadIds()) {
            sum += Math.max(0, THREADS.getThreadCpuTime(id));
        }
        return sum;
    }

    /**
     * System calls of the read and write families, as Linux counts them: those that NIO and blocking sockets transfer
     * bytes with. It does not count epoll, futex, send, recv and io_uring calls; {@code --perf} counts all calls.
     */
    private static long systemCalls() {
        if (!Files.isReadable(CALLS)) {
            return -1;
        }
        try {
            long calls = 0;
            for (String line : Files.readAllLines(CALLS)) {
                if (line.startsWith("syscr:") || line.startsWith("syscw:")) {
                    calls += Long.parseLong(line.substring(6).strip());
                }
            }
            return calls;
        } catch (IOException e) {
            throw new UncheckedIOException("system calls cannot be counted", e);
        }
    }
}
