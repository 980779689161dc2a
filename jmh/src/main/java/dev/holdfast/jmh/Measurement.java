package dev.holdfast.jmh;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.holdfast.jmh.impl.ClientType;
import dev.holdfast.jmh.impl.ConfirmedPublisher;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/** One client, one connection, one publishing thread: warm-up, then what a message costs from first publish to last confirm. */
final class Measurement {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private Measurement() {}

    static Sample run(String uri, ClientType client, Options options) throws Exception {
        byte[][] bodies = BenchmarkSettings.payloads(options.size());
        long messages = client.name().startsWith("AMQP_CLIENT") ? options.messages() / 10 : options.messages();
        try (ConfirmedPublisher publisher = client.open(uri, options.window())) {
            publish(publisher, bodies, messages / 2);
            Map<Long, Long> allocatedBefore = allocatedByThread();
            long cpuBefore = SYSTEM.getProcessCpuTime();
            long threadsBefore = cpuOfThreads();
            long began = System.nanoTime();
            publish(publisher, bodies, messages);
            long nanos = System.nanoTime() - began;
            long cpu = SYSTEM.getProcessCpuTime() - cpuBefore;
            long threads = cpuOfThreads() - threadsBefore;
            long allocated = allocatedSince(allocatedBefore);
            return new Sample(
                    messages / 2 + messages,
                    messages * 1e9 / nanos,
                    cpu / 1e3 / messages,
                    threads / 1e3 / messages,
                    (double) allocated / messages);
        }
    }

    private static void publish(ConfirmedPublisher publisher, byte[][] bodies, long messages) throws Exception {
        for (long i = 0; i < messages; i++) {
            publisher.publish(bodies[(int) i & bodies.length - 1]);
        }
        publisher.await();
    }

    /** Java threads alone: without compiler and collector, and so steadier than the whole process. */
    private static long cpuOfThreads() {
        long sum = 0;
        for (long id : THREADS.getAllThreadIds()) {
            sum += Math.max(0, THREADS.getThreadCpuTime(id));
        }
        return sum;
    }

    private static Map<Long, Long> allocatedByThread() {
        Map<Long, Long> allocated = new HashMap<>();
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        for (int i = 0; i < ids.length; i++) {
            allocated.put(ids[i], bytes[i]);
        }
        return allocated;
    }

    /** The connection is still open, so its threads are all alive; a thread that has ended would take its count with it. */
    private static long allocatedSince(Map<Long, Long> before) {
        Map<Long, Long> after = allocatedByThread();
        if (!after.keySet().containsAll(before.keySet())) {
            System.err.println("a thread has ended: heap per message is too low");
        }
        long sum = 0;
        for (Map.Entry<Long, Long> thread : after.entrySet()) {
            sum += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
        }
        return sum;
    }
}
