package dev.holdfast.jmh.load;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What a JVM has spent since it was started. */
final class StartUp {
    private StartUp() {}

    /** Its CPU; the time is measured by who has started the process. */
    static Figures cpu() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Figures(1, 1, 0, system.getProcessCpuTime() / 1e3, 0, 0, -1, 0, 0, 0);
    }
}
