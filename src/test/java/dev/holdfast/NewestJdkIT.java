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
 * On the newest JDK of the machine, one of JAVA_HOME, JAVA_HOME_25 and the like, or in /usr/lib/jvm: a thousand virtual
 * threads publish, each waiting for its confirms, and none of them pins the thread that carries it.
 */
class NewestJdkIT {
    private static final int OWN = 17;
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

    /** What its file "release" says; 0 for what is no JDK. */
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
    void aThousandVirtualThreadsPublishAndPinNothing(@TempDir Path folder) throws Exception {
        Jdk jdk = newest();
        boolean newer = jdk.feature() > OWN;
        if (!newer) {
            System.out.println("NewestJdkIT: NOT RUN, because no JDK newer than " + OWN + " was found");
        }
        assumeTrue(newer, "no JDK newer than " + OWN);
        Path recording = folder.resolve("pinned.jfr");
        Path output = folder.resolve("output.txt");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Process process = new ProcessBuilder(
                            jdk.home().resolve("bin/java").toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            VirtualThreadPublishers.class.getName(),
                            broker.uri(),
                            recording.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try {
                assertThat(process.waitFor(200, TimeUnit.SECONDS))
                        .as("ends in time")
                        .isTrue();
            } finally {
                process.destroyForcibly();
            }
            String said = Files.readString(output);
            assertThat(process.exitValue()).as(said).isZero();
            System.out.print("NewestJdkIT: JDK " + jdk.feature() + ": " + said);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(recording);
        assertThat(events).as("the recording is one of the run").anyMatch(event -> is(event, "jdk.VirtualThreadEnd"));
        assertThat(events.stream().filter(event -> is(event, "jdk.VirtualThreadPinned") && isOurs(event)))
                .isEmpty();
    }

    /** The recorder's own events pin now and then; what we do has us in its trace. */
    private static boolean isOurs(RecordedEvent event) {
        return event.getStackTrace() == null
                || event.getStackTrace().getFrames().stream()
                        .anyMatch(frame -> frame.getMethod().getType().getName().startsWith("dev.holdfast."));
    }

    private static boolean is(RecordedEvent event, String name) {
        return event.getEventType().getName().equals(name);
    }
}
