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

/** Where something was measured. */
public final class Machine {
    private static final Path CPU = Path.of("/proc/cpuinfo");

    private Machine() {}

    /** This machine and this JVM, now: processor, system, JDK, collectors, options of the JVM, and the time. */
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
                "Measured",
                ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")));
        facts.values().removeIf(String::isEmpty);
        return facts;
    }

    /** Linux tells the model; elsewhere the architecture must do. */
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
