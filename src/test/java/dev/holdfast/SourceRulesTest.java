package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules on source files of all modules: length of lines and files, size of packages, words of comments. */
class SourceRulesTest {
    private static final int MAX_LINE = 120;
    private static final int MAX_FILE = 500;
    private static final int MAX_TEST_FILE = 450;
    private static final int MAX_PACKAGE_FILES = 20;
    private static final int MAX_PACKAGE_LINES = 2600;

    /** Words whose sentences hide their subject. */
    private static final Pattern VAGUE = Pattern.compile(
            "\\b(whoever|whomever|nobody|somebody|anybody|what it comes to)\\b", Pattern.CASE_INSENSITIVE);

    private static final Path PROJECT =
            Path.of(System.getProperty("basedir", "."), "..").normalize();

    @Test
    void linesHaveAtMost120Columns() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources("")) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).codePointCount(0, lines.get(i).length()) > MAX_LINE) {
                    tooLong.add(file + ":" + (i + 1));
                }
            }
        }

        assertThat(tooLong).isEmpty();
    }

    @Test
    void filesAreShort() throws IOException {
        Map<String, Integer> tooLong = new TreeMap<>();
        for (Path file : sources("")) {
            int lines = Files.readAllLines(file).size();
            if (lines > (isTest(file) ? MAX_TEST_FILE : MAX_FILE)) {
                tooLong.put(file.toString(), lines);
            }
        }

        assertThat(tooLong).isEmpty();
    }

    @Test
    void packagesAreSmall() throws IOException {
        Map<Path, List<Path>> packages = new TreeMap<>();
        for (Path file : sources("src/main/java/dev/holdfast/internal")) {
            packages.computeIfAbsent(file.getParent(), name -> new ArrayList<>())
                    .add(file);
        }
        List<String> tooLarge = new ArrayList<>();
        for (Map.Entry<Path, List<Path>> each : packages.entrySet()) {
            int lines = 0;
            int files = 0;
            for (Path file : each.getValue()) {
                lines += Files.readAllLines(file).size();
                files += file.endsWith("package-info.java") ? 0 : 1;
            }
            boolean manyFiles = files > MAX_PACKAGE_FILES && !each.getKey().endsWith("transport");
            if (manyFiles || lines > MAX_PACKAGE_LINES) {
                tooLarge.add(each.getKey() + ": " + files + " files, " + lines + " lines");
            }
        }

        assertThat(packages).hasSizeGreaterThan(10);
        assertThat(tooLarge).isEmpty();
    }

    @Test
    void commentsNameTheirSubject() throws IOException {
        List<String> vague = new ArrayList<>();
        for (Path file : sources("")) {
            for (String line : Files.readAllLines(file)) {
                if (!isTest(file) && VAGUE.matcher(line).find()) {
                    vague.add(file.getFileName() + ": " + line.strip());
                }
            }
        }

        assertThat(vague).isEmpty();
    }

    private static boolean isTest(Path file) {
        return file.toString().contains("/test/");
    }

    private static List<Path> sources(String below) throws IOException {
        try (Stream<Path> files = Files.walk(PROJECT.resolve(below))) {
            List<Path> found = files.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.toString().contains("/target/")
                            && !path.toString().contains("/golden/"))
                    .toList();
            assertThat(found).hasSizeGreaterThan(50);
            return found;
        }
    }
}
