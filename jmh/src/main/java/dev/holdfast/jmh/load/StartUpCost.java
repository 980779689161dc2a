package dev.holdfast.jmh.load;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The CPU time of this JVM since its start. */
final class StartUpCost {
    private StartUpCost() {}

    /** Reads the CPU time; the parent process measures the elapsed time. */
    static Figures cpu() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Figures(1, 1, 0, system.getProcessCpuTime() / 1e3, 0, 0, -1, 0, 0, 0);
    }
}
