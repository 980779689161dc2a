package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the page docs/coming-from-kombu.md: the tests that it names exist, and its links have a target. */
class KombuDocsTest {
    private static final Pattern NAMED_TEST = Pattern.compile("`([A-Z]\\w+(?:Test|IT))\\.(\\w+)`");
    private static final Pattern TEST_METHOD =
            Pattern.compile("@(?:Test|BrokerTest|NodeTest|ParameterizedTest)\\b.*?\\bvoid (\\w+)\\(", Pattern.DOTALL);

    @Test
    void everyNamedTestExists() throws IOException {
        Map<String, TreeSet<String>> tests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder("test/java"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                TreeSet<String> methods = tests.computeIfAbsent(name, absent -> new TreeSet<>());
                TEST_METHOD
                        .matcher(Files.readString(file))
                        .results()
                        .map(match -> match.group(1))
                        .forEach(methods::add);
            }
        }
        String page = Files.readString(folder("../docs/coming-from-kombu.md"));
        TreeSet<String> missing = new TreeSet<>();
        int namedTests = 0;
        for (MatchResult match : NAMED_TEST.matcher(page).results().toList()) {
            namedTests++;
            if (!tests.getOrDefault(match.group(1), new TreeSet<>()).contains(match.group(2))) {
                missing.add(match.group());
            }
        }
        assertThat(missing)
                .as("tests that the page names and that do not exist")
                .isEmpty();
        assertThat(namedTests).isGreaterThan(100);
    }

    @Test
    void everyRowOfTheArgumentTablesNamesATest() throws IOException {
        String page = Files.readString(folder("../docs/coming-from-kombu.md"));
        List<String> rows = page.substring(page.indexOf("\n## Arguments and methods"), page.indexOf("\n## Wire forms"))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.equals("| Kombu | here | test |"))
                .toList();
        assertThat(rows)
                .hasSizeGreaterThan(100)
                .allMatch(row -> NAMED_TEST.matcher(row).find());
    }

    @Test
    void everyLinkHasATarget() throws IOException {
        Path docs = folder("../docs");
        for (MatchResult link : Pattern.compile("\\]\\((\\.\\.[^)]+)\\)")
                .matcher(Files.readString(docs.resolve("coming-from-kombu.md")))
                .results()
                .toList()) {
            assertThat(docs.resolve(link.group(1))).exists();
        }
    }

    private static Path folder(String inModule) {
        Path here = Path.of(inModule);
        return Files.exists(here) ? here : Path.of("src").resolve(inModule).normalize();
    }
}
