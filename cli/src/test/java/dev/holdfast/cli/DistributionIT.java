package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The tar.gz that the build makes, unpacked in a folder with a space in its name. */
@DisabledOnOs(OS.WINDOWS)
class DistributionIT {
    private static Path root;
    private static Path script;

    @BeforeAll
    static void unpack(@TempDir Path temp) throws Exception {
        root = unpackTo(Files.createDirectories(temp.resolve("some folder")));
        script = root.resolve("bin").resolve("holdfast");
    }

    private static Path unpackTo(Path folder) throws Exception {
        Path archive = only(Path.of("target"), "holdfast-*.tar.gz");
        assertThat(run(List.of("tar", "-xzf", archive.toString(), "-C", folder.toString()), Map.of()))
                .isEmpty();
        return only(folder, "holdfast-*");
    }

    private static Path only(Path folder, String name) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, name)) {
            files.forEach(found::add);
        }
        assertThat(found).as(folder + "/" + name).hasSize(1);
        return found.get(0);
    }

    /** Returns the standard output of a command that succeeds and prints no error. */
    private static String run(List<String> command, Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        try (Launcher.Running process = new Launcher.Running(builder.start())) {
            process.in().close();
            String out = new String(process.out().readAllBytes(), UTF_8);
            assertThat(process.exitCode()).as(process.err()).isZero();
            assertThat(process.err()).isEmpty();
            return out;
        }
    }

    @Test
    void publishesAndConsumes() throws Exception {
        Launcher launcher = new Launcher(script, Map.of("HOLDFAST_CACHE", ""));
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            try (Launcher.Running publish = launcher.start("publish", "--queue", "q", "--uri", broker.uri())) {
                publish.in().write("{\"a\":1}\n".getBytes(UTF_8));
                publish.in().close();
                assertThat(publish.exitCode()).as(publish.err()).isZero();
                assertThat(publish.err()).startsWith("1 read, 1 published, 1 confirmed,");
            }
            try (Launcher.Running consume =
                    launcher.start("consume", "--queue", "q", "--count", "1", "--uri", broker.uri())) {
                assertThat(new String(consume.out().readAllBytes(), UTF_8)).isEqualTo("{\"a\":1}\n");
                assertThat(consume.exitCode()).as(consume.err()).isZero();
                assertThat(consume.err()).isEmpty();
            }
        }
    }

    /**
     * The archive is made by the second use, and one that is damaged is ignored. Java 17 uses no archive of jars in a
     * folder with a space in its name.
     */
    @Test
    void archiveOfClassesIsSilent(@TempDir Path temp) throws Exception {
        Path cache = temp.resolve("the cache");
        Path distribution = unpackTo(temp);
        Path link = Files.createSymbolicLink(
                temp.resolve("link"), distribution.resolve("bin").resolve("holdfast"));
        List<String> version = List.of(link.toString(), "--version");
        Map<String, String> environment = Map.of("HOLDFAST_CACHE", cache.toString());
        String first = run(version, environment);
        assertThat(first).startsWith("holdfast ").hasLineCount(1);
        assertThat(run(version, environment)).isEqualTo(first);
        Path archive = only(cache, "*");
        assertThat(archive).isNotEmptyFile();
        assertThat(loadedFromArchive(distribution, archive)).isTrue();
        assertThat(archive.toFile().setWritable(true)).isTrue();
        Files.write(archive, new byte[10_000]);
        assertThat(run(version, environment)).isEqualTo(first);
        assertThat(run(version, Map.of("HOLDFAST_CACHE", archive.toString())))
                .as("with a cache that is no folder")
                .isEqualTo(first);
    }

    private static boolean loadedFromArchive(Path distribution, Path archive) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String jar = distribution.resolve("lib").resolve("holdfast-cli.jar").toString();
        String option = "-XX:SharedArchiveFile=" + archive;
        return run(List.of(java, "-Xlog:class+load", option, "-jar", jar, "--version"), Map.of())
                .contains("dev.holdfast.cli.Main source: shared objects file");
    }

    @Test
    void shellCompletesCommandsAndOptions() throws Exception {
        Path completion = root.resolve("share/bash-completion/completions/holdfast");
        String complete = ". \"$0\"; compopt() { :; }; COMP_WORDS=(holdfast \"$@\"); COMP_CWORD=$#; _complete_holdfast;"
                + " printf '%s\\n' \"${COMPREPLY[@]}\"";
        List<String> bash = List.of("bash", "-c", complete, completion.toString());
        assertThat(run(with(bash, "pub"), Map.of()).strip()).isEqualTo("publish");
        assertThat(run(with(bash, "consume", "--pe"), Map.of()).strip()).isEqualTo("--peek");
    }

    private static List<String> with(List<String> command, String... arguments) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(arguments));
        return all;
    }

    @Test
    void manualHasAPageForEachCommand() {
        Path pages = root.resolve("share/man/man1");
        assertThat(pages.resolve("holdfast.1"))
                .content()
                .contains(".SH COMMANDS")
                .contains("HOLDFAST_CACHE");
        assertThat(pages.resolve("holdfast-publish.1")).content().contains("\\fB\\-\\-mandatory\\fR");
        assertThat(root.resolve("LICENSE")).content().contains("Apache License");
        assertThat(root.resolve("README.md")).content().doesNotContain("${");
    }

    @Test
    void missingOrOldJavaIsReported(@TempDir Path temp) throws Exception {
        Path jdk = temp.resolve("jdk");
        Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        assertThat(error(Map.of("JAVA_HOME", jdk.toString())))
                .isEqualTo("holdfast: java: version 11.0.2 in " + java + " (expected: Java 17 or later)\n");
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"1.8.0_402\"\n");
        assertThat(error(Map.of("JAVA_HOME", jdk.toString())))
                .isEqualTo("holdfast: java: version 1.8.0_402 in " + java + " (expected: Java 17 or later)\n");
        Path path = Files.createDirectories(temp.resolve("path"));
        for (String name : List.of("dirname", "readlink")) {
            String found =
                    run(List.of("sh", "-c", "command -v " + name), Map.of()).strip();
            Path command = Files.writeString(path.resolve(name), "#!/bin/sh\nexec " + found + " \"$@\"\n");
            assertThat(command.toFile().setExecutable(true)).isTrue();
        }
        assertThat(error(Map.of("JAVA_HOME", "", "PATH", path.toString())))
                .isEqualTo("holdfast: java: not found (expected: Java 17 or later, in JAVA_HOME or PATH)\n");
    }

    private static String error(Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", script.toString(), "--version");
        builder.environment().putAll(environment);
        try (Launcher.Running process = new Launcher.Running(builder.start())) {
            assertThat(process.exitCode()).isEqualTo(1);
            return process.err();
        }
    }
}
