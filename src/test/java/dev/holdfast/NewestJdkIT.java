package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testkit.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@link VirtualThreadLoad} on the newest JDK of the machine (JAVA_HOME, JAVA_HOME_25 and the like, /usr/lib/jvm):
 * virtual threads that wait for confirms or acknowledge messages are not pinned to their carrier threads.
 */
class NewestJdkIT {
    private static final int BUILD_JDK = 17;
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");

    private record Jdk(Path home, int feature) {}

    private static Jdk newest() throws IOException {
        List<Path> homes = new ArrayList<>();
        for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
            if (variable.getKey().startsWith("JAVA_HOME")) {
                homes.add(Path.of(variable.getValue()));
            }
        }
        homes.add(Path.of(System.getProperty("java.home")));
        if (Files.isDirectory(INSTALLED)) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(INSTALLED)) {
                folders.forEach(homes::add);
            }
        }
        Jdk newest = new Jdk(Path.of(""), 0);
        for (Path home : homes) {
            int feature = feature(home);
            if (feature > newest.feature()) {
                newest = new Jdk(home, feature);
            }
        }
        return newest;
    }

    /** Returns the feature version in the JDK's file "release"; 0 if the folder is no JDK. */
    private static int feature(Path home) throws IOException {
        Path release = home.resolve("release");
        if (!Files.isReadable(release) || !Files.isExecutable(home.resolve("bin/java"))) {
            return 0;
        }
        Properties properties = new Properties();
        properties.load(Files.newBufferedReader(release));
        String version = properties.getProperty("JAVA_VERSION", "\"0\"").replace("\"", "");
        return Runtime.Version.parse(version).feature();
    }

    @Test
    void virtualThreadsArePinnedByNoPublishAndNoAck(@TempDir Path folder) throws Exception {
        Jdk jdk = newest();
        boolean newer = jdk.feature() > BUILD_JDK;
        if (!newer) {
            System.out.println("NewestJdkIT: NOT RUN, because no JDK newer than " + BUILD_JDK + " was found");
        }
        assumeTrue(newer, "no JDK newer than " + BUILD_JDK);
        Path recording = folder.resolve("pinned.jfr");
        Path output = folder.resolve("output.txt");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Process process = new ProcessBuilder(
                            jdk.home().resolve("bin/java").toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            VirtualThreadLoad.class.getName(),
                            broker.uri(),
                            recording.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try {
                assertThat(process.waitFor(200, TimeUnit.SECONDS))
                        .as("the program ends in time")
                        .isTrue();
            } finally {
                process.destroyForcibly();
            }
            String log = Files.readString(output);
            assertThat(process.exitValue()).as(log).isZero();
            System.out.print("NewestJdkIT: JDK " + jdk.feature() + ": " + log);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(recording);
        assertThat(events).as("the run was recorded").anyMatch(event -> is(event, "jdk.VirtualThreadEnd"));
        assertThat(events.stream().filter(event -> is(event, "jdk.VirtualThreadPinned") && isInLibrary(event)))
                .isEmpty();
    }

    /**
     * The recorder's own events pin sometimes, and so does the JVM when it loads a class: only another stack trace with
     * a frame of the library counts.
     */
    private static boolean isInLibrary(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            return true;
        }
        List<String> types = event.getStackTrace().getFrames().stream()
                .map(frame -> frame.getMethod().getType().getName())
                .toList();
        return types.stream().anyMatch(type -> type.startsWith("dev.holdfast."))
                && !types.contains("java.lang.ClassLoader");
    }

    private static boolean is(RecordedEvent event, String name) {
        return event.getEventType().getName().equals(name);
    }
}
