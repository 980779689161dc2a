package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.EmbeddedBroker;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that uses the library needs one small jar and Netty up to netty-handler, and for JSON one Jackson. */
class PackagingIT {
    /** The jar of 2026-12-01 has 760 KiB. A feature that not everybody needs is a module of its own. */
    private static final long MAX_JAR_BYTES = 776 * 1024;

    private static final long SECONDS = 60;

    /** The same list as in the enforcer rule of the POM. */
    private static final Pattern REQUIRED = Pattern.compile(".*/io/netty/[^/]*/[^/]*/"
            + "netty-(buffer|codec-base|common|handler|resolver|transport|transport-native-unix-common)"
            + "-[0-9][^/]*\\.jar");

    private static final int REQUIRED_JARS = 7;
    private static final Pattern ANNOTATIONS = Pattern.compile(".*/com/fasterxml/.*/jackson-annotations-[^/]*\\.jar");
    private static final Pattern JACKSON_2 =
            Pattern.compile(".*/com/fasterxml/jackson/core/.*/jackson-(core|databind)-[^/]*\\.jar");
    private static final Pattern JACKSON_3 =
            Pattern.compile(".*/tools/jackson/core/.*/jackson-(core|databind)-[^/]*\\.jar");

    private static final String MODULE = "module embedding { requires dev.holdfast; }";

    private static final String PROGRAM = """
            package embedding;

            import dev.holdfast.Connection;
            import dev.holdfast.ConnectionOptions;
            import dev.holdfast.SerializerNotInstalledException;
            import dev.holdfast.SimpleQueue;
            import dev.holdfast.serialization.Json;
            import dev.holdfast.serialization.SerializerRegistry;
            import java.time.Duration;
            import java.util.Map;

            public final class Main {
                public static void main(String[] args) {
                    System.out.println(Connection.class.getModule());
                    try (Connection connection = Connection.open(ConnectionOptions.parse(args[0]).frameLog(args.length > 1));
                            SimpleQueue queue = connection.simpleQueue("packaging")) {
                        queue.put("text");
                        queue.put(new byte[] {-1});
                        try {
                            queue.put(Map.of("hello", "world"));
                            queue.put(Map.of("id", 7), p -> p.serializer("kombu-json"));
                            SerializerRegistry.standard().with("json", Json.plain());
                        } catch (SerializerNotInstalledException e) {
                            System.out.println(e.getMessage());
                        }
                        for (long left = queue.size(); left > 0; left--) {
                            var message = queue.get(Duration.ofSeconds(10)).orElseThrow();
                            Object body = message.payload();
                            System.out.println("body " + (body instanceof byte[] ? "bytes" : body));
                            message.ack();
                        }
                    }
                }
            }
            """;

    /** In the frame log: the client properties of connection.start-ok. */
    private static final String TOLD_VERSION = "version=" + System.getProperty("holdfast.version") + ",";

    /** The libraries for JSON on the path of a program, and what it prints. */
    private enum Jacksons {
        NEITHER("java.base", "body bytes") {
            @Override
            boolean contains(String jar) {
                return false;
            }
        },
        JACKSON_2("com.fasterxml.jackson.databind", "body {id=7}") {
            @Override
            boolean contains(String jar) {
                return ANNOTATIONS.matcher(jar).matches()
                        || PackagingIT.JACKSON_2.matcher(jar).matches();
            }
        },
        JACKSON_3("tools.jackson.databind", "body {id=7}") {
            @Override
            boolean contains(String jar) {
                return ANNOTATIONS.matcher(jar).matches()
                        || PackagingIT.JACKSON_3.matcher(jar).matches();
            }
        },
        BOTH("com.fasterxml.jackson.databind,tools.jackson.databind", "body {id=7}") {
            @Override
            boolean contains(String jar) {
                return JACKSON_2.contains(jar) || JACKSON_3.contains(jar);
            }
        };

        /** What a module of the application requires. */
        final String modules;

        final String lastLine;

        Jacksons(String modules, String lastLine) {
            this.modules = modules;
            this.lastLine = lastLine;
        }

        abstract boolean contains(String jar);
    }

    @TempDir
    private Path folder;

    @Test
    void jarStaysUnderTheSizeLimit() throws IOException {
        assertThat(Files.size(jar())).isLessThanOrEqualTo(MAX_JAR_BYTES);
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

    /** The program is compiled without Jackson. */
    @Test
    void programRunsWithNeitherJacksonEitherAndBoth() throws Exception {
        Path sources = Files.createDirectories(folder.resolve("src/embedding"));
        Path module = Files.writeString(folder.resolve("src/module-info.java"), MODULE);
        Path program = Files.writeString(sources.resolve("Main.java"), PROGRAM);
        String classes = folder.resolve("classes").toString();

        // The exit code counts. javac warns of absent annotations.
        run(
                "javac",
                "-proc:none",
                "-d",
                classes,
                "--module-path",
                path(Jacksons.NEITHER),
                module.toString(),
                program.toString());
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            for (Jacksons jacksons : Jacksons.values()) {
                String path = path(jacksons) + File.pathSeparator + classes;
                String asModule = run(
                        "java",
                        "--module-path",
                        path,
                        "--add-modules",
                        jacksons.modules,
                        "--module",
                        "embedding/embedding.Main",
                        broker.uri());
                assertThat(asModule.lines().findFirst()).contains("module dev.holdfast");
                String onClassPath = run("java", "--class-path", path, "embedding.Main", broker.uri());
                for (String output : List.of(asModule, onClassPath)) {
                    assertThat(output).as("%s", jacksons).contains("body text", "body bytes");
                    assertThat(output.strip().lines().reduce((first, second) -> second))
                            .as("%s", jacksons)
                            .contains(jacksons.lastLine);
                    assertThat(output.contains(" or tools.jackson.core:jackson-databind)"))
                            .as(output)
                            .isEqualTo(jacksons == Jacksons.NEITHER);
                }
            }
            String path = path(Jacksons.NEITHER) + File.pathSeparator + classes;
            assertThat(run("java", "--class-path", path, "embedding.Main", broker.uri(), "frames"))
                    .contains(TOLD_VERSION);
            assertThat(run("java", "--module-path", path, "--module", "embedding/embedding.Main", broker.uri(), "frames"))
                    .contains(TOLD_VERSION);
        }
    }

    /** Returns the library, its required jars, and those of Jackson. */
    private static String path(Jacksons jacksons) {
        List<String> all = List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1));
        List<String> jars = new ArrayList<>(
                all.stream().filter(entry -> REQUIRED.matcher(entry).matches()).toList());
        assertThat(jars).hasSize(REQUIRED_JARS);
        all.stream().filter(jacksons::contains).forEach(jars::add);
        jars.add(jar().toString());
        return String.join(File.pathSeparator, jars);
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
