package dev.holdfast.report;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Describes the machine and the JVM of a measurement. */
public final class Machine {
    private static final Path CPU = Path.of("/proc/cpuinfo");

    private Machine() {}

    /** Returns processor, system, JDK, collectors and options of this JVM, and the current time, by name. */
    public static Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        int cores = Runtime.getRuntime().availableProcessors();
        facts.put("Processor", processor() + ", " + cores + (cores == 1 ? " core" : " cores"));
        facts.put("System", property("os.name") + " " + property("os.version") + ", " + property("os.arch"));
        facts.put("JDK", property("java.vm.name") + " " + property("java.runtime.version"));
        facts.put(
                "Collector",
                ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .map(GarbageCollectorMXBean::getName)
                        .collect(Collectors.joining(", ")));
        facts.put(
                "JVM options",
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(option -> option.startsWith("-X"))
                        .collect(Collectors.joining(" ")));
        facts.put(
                "Time",
                ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")));
        facts.values().removeIf(String::isEmpty);
        return facts;
    }

    /** Returns the processor model on Linux, the architecture on other systems. */
    private static String processor() {
        if (Files.isReadable(CPU)) {
            try (Stream<String> lines = Files.lines(CPU)) {
                return lines.filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse(property("os.arch"));
            } catch (IOException e) {
                return property("os.arch");
            }
        }
        return property("os.arch");
    }

    private static String property(String name) {
        return System.getProperty(name, "");
    }
}
