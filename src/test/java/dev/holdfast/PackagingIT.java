package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.TestBroker;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that uses the library needs one small jar, Netty up to netty-handler, and Jackson. */
class PackagingIT {
    /** The jar of 2026-12-01 has 742 KiB. A feature that not everybody needs is a module of its own. */
    private static final long MAX_JAR_BYTES = 752 * 1024;

    private static final long SECONDS = 60;

    /** The same list as in the enforcer rule of the POM. */
    private static final Pattern REQUIRED = Pattern.compile(".*/(io/netty|com/fasterxml/jackson/core)/[^/]*/[^/]*/"
            + "(netty-(buffer|codec-base|common|handler|resolver|transport|transport-native-unix-common)"
            + "|jackson-(annotations|core|databind))-[0-9][^/]*\\.jar");

    private static final int REQUIRED_JARS = 10;

    private static final String MODULE = "module embedding { requires dev.holdfast; }";

    private static final String PROGRAM = """
            package embedding;

            import dev.holdfast.Connection;
            import dev.holdfast.ConnectionOptions;
            import dev.holdfast.Queue;
            import java.util.Map;

            public final class Main {
                public static void main(String[] args) {
                    try (Connection connection = Connection.open(ConnectionOptions.parse(args[0]).frameLog(true))) {
                        Queue queue = Queue.of(args[1]);
                        connection.producer().publish(
                                Map.of("hello", "world"), p -> p.routingKey(queue.name()).declare(queue));
                    }
                    System.out.println(Connection.class.getModule());
                }
            }
            """;

    /** In the frame log: the client properties of connection.start-ok. */
    private static final String TOLD_VERSION = "version=" + System.getProperty("holdfast.version") + ",";

    @TempDir
    private Path folder;

    @Test
    void jarStaysUnderTheSizeLimit() throws IOException {
        assertThat(Files.size(jar())).isLessThanOrEqualTo(MAX_JAR_BYTES);
    }

    @BrokerTest
    void programOnTheModulePathPublishesWithRequiredJarsOnly(TestBroker broker) throws Exception {
        String queue = broker.unique("queue");
        Path sources = Files.createDirectories(folder.resolve("src/embedding"));
        Path module = Files.writeString(folder.resolve("src/module-info.java"), MODULE);
        Path program = Files.writeString(sources.resolve("Main.java"), PROGRAM);
        String classes = folder.resolve("classes").toString();
        String modules = String.join(File.pathSeparator, requiredJars());

        // The exit code counts. javac warns of absent annotations.
        run("javac", "-proc:none", "-d", classes, "--module-path", modules, module.toString(), program.toString());
        String output = run(
                "java",
                "--module-path",
                modules + File.pathSeparator + classes,
                "--module",
                "embedding/embedding.Main",
                broker.uri(),
                queue);
        assertThat(output).contains("module dev.holdfast").contains(TOLD_VERSION);
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            assertThat(new String(channel.get(queue, true).orElseThrow().body(), UTF_8))
                    .isEqualTo("{\"hello\":\"world\"}");
        }
    }

    @BrokerTest
    void programOnTheClassPathTellsTheVersion(TestBroker broker) throws Exception {
        Path program = Files.writeString(folder.resolve("Main.java"), PROGRAM);
        String classPath = String.join(File.pathSeparator, requiredJars());

        String output =
                run("java", "--class-path", classPath, program.toString(), broker.uri(), broker.unique("queue"));
        assertThat(output).contains("unnamed module").contains(TOLD_VERSION);
    }

    @Test
    void jarHasLicenceNoticeAndVersion() throws IOException {
        try (JarFile jar = new JarFile(jar().toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Implementation-Version"))
                    .isEqualTo(System.getProperty("holdfast.version"));
            assertThat(jar.stream().map(JarEntry::getName))
                    .contains(
                            "META-INF/LICENSE",
                            "META-INF/NOTICE",
                            "META-INF/maven/dev.holdfast/holdfast/pom.properties");
        }
    }

    private static List<String> requiredJars() {
        List<String> jars =
                new ArrayList<>(Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                        .filter(entry -> REQUIRED.matcher(entry).matches())
                        .toList());
        assertThat(jars).hasSize(REQUIRED_JARS);
        jars.add(jar().toString());
        return jars;
    }

    private static Path jar() {
        return Path.of(System.getProperty("holdfast.jar"));
    }

    private String run(String tool, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.addAll(List.of(arguments));
        Path outputFile = folder.resolve(tool + ".out");
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(outputFile.toFile())
                .start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(tool + " is still running after " + SECONDS + " s");
        }
        String output = Files.readString(outputFile);
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
