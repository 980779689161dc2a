package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code bin/holdfast} does around the JVM, with a script in the place of java. */
@DisabledOnOs(OS.WINDOWS)
class LauncherScriptTest {
    @TempDir
    private Path folder;

    private Path script;
    private Path cache;

    @BeforeEach
    void install() throws IOException {
        script = Files.createDirectories(folder.resolve("bin")).resolve("holdfast");
        Files.copy(Path.of("..", "bin", "holdfast"), script);
        Files.createFile(Files.createDirectories(folder.resolve("lib")).resolve("holdfast-cli.jar"));
        Path java =
                Files.createDirectories(folder.resolve("jdk").resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \"run $LC_ALL\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(folder.resolve("jdk").resolve("release"), "JAVA_VERSION=\"17\"\n");
        cache = Files.createDirectories(folder.resolve("cache"));
    }

    private String run(Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", script.toString(), "--version");
        for (String locale : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
            builder.environment().remove(locale);
        }
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().put("HOLDFAST_CACHE", cache.toString());
        builder.environment().putAll(environment);
        try (Launcher.Running process = new Launcher.Running(builder.start())) {
            process.in().close();
            String out = new String(process.out().readAllBytes(), UTF_8);
            assertThat(process.exitCode()).as(process.err()).isZero();
            assertThat(process.err()).isEmpty();
            return out;
        }
    }

    private static Path old(Path file, int days) throws IOException {
        Path unused = Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, "");
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(days))));
    }

    @Test
    void oldArchivesAreDeletedAndFilesOfOthersAreNot() throws Exception {
        List<Path> archives = List.of(
                old(cache.resolve("12.jsa"), 100),
                old(cache.resolve("12.jsa.used"), 100),
                old(cache.resolve("12.jsa.345.list"), 100));
        List<Path> others = List.of(
                old(cache.resolve("app.jsa"), 100),
                old(cache.resolve("2024-app.jsa"), 100),
                old(cache.resolve("sub").resolve("12.jsa"), 100),
                old(cache.resolve("13.jsa"), 80));
        assertThat(run(Map.of())).isEqualTo("run C.UTF-8\n");
        assertThat(archives).allSatisfy(file -> assertThat(file).exists());
        assertThat(run(Map.of())).isEqualTo("run C.UTF-8\n"); // the second use makes the archive
        assertThat(archives).allSatisfy(file -> assertThat(file).doesNotExist());
        assertThat(others).allSatisfy(file -> assertThat(file).exists());
    }

    /** The java of this test makes no archive. The mark of the first use tells whether another one is tried. */
    @Test
    void archiveThatCouldNotBeMadeIsTriedAgainADayLater() throws Exception {
        String unused = run(Map.of()) + run(Map.of());
        Path archive = onlyFile();
        assertThat(archive).isEmptyFile();
        unused = run(Map.of());
        assertThat(onlyFile()).isEqualTo(archive);
        Path used = archive.resolveSibling(archive.getFileName() + ".used");
        assertThat(old(archive, 3)).isEmptyFile();
        unused = run(Map.of());
        assertThat(used).exists();
    }

    private Path onlyFile() throws IOException {
        try (var files = Files.list(cache)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "LANG, C, C.UTF-8",
        "LC_CTYPE, POSIX, C.UTF-8",
        "LC_ALL, C, C.UTF-8",
        "LC_ALL, de_DE.UTF-8, de_DE.UTF-8",
        "LC_CTYPE, de_DE.UTF-8, ''",
        "LANG, de_DE.UTF-8, ''"
    })
    void localeWithoutCharactersBeyondAsciiIsReplaced(String variable, String value, String told) throws Exception {
        assertThat(run(Map.of(variable, value, "HOLDFAST_CACHE", ""))).isEqualTo("run " + told + "\n");
    }
}
