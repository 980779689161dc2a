package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Pages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages that map other libraries to this one: their rows name tests, and the tests exist. */
class ComingFromTest {
    private static final Pattern NAMED_TEST = Pattern.compile("`([A-Z]\\w+(?:Test|IT))\\.(\\w+)`");
    private static final Pattern TEST_METHOD =
            Pattern.compile("@(?:Test|BrokerTest|NodeTest|ParameterizedTest)\\b.*?\\bvoid (\\w+)\\(", Pattern.DOTALL);

    /** All pages, so that a renamed test is found wherever it is named. */
    @Test
    void everyNamedTestExists() throws IOException {
        Map<String, Set<String>> tests = tests();
        TreeSet<String> missing = new TreeSet<>();
        for (String page : Pages.all()) {
            for (MatchResult match :
                    NAMED_TEST.matcher(Pages.text(page)).results().toList()) {
                if (!tests.getOrDefault(match.group(1), Set.of()).contains(match.group(2))) {
                    missing.add(page + ": " + match.group());
                }
            }
        }
        assertThat(missing).as("tests that do not exist").isEmpty();
    }

    /** The first and the last heading of the tables whose rows need a test, and about how many rows they have. */
    @ParameterizedTest
    @CsvSource({
        "docs/coming-from-kombu.md, ## Arguments and methods, ## Wire forms, 100",
        "docs/coming-from-amqp-client.md, ## Connection, ## Not offered, 50",
        "docs/coming-from-spring.md, ## CachingConnectionFactory, ## Not offered, 40"
    })
    void everyRowNamesATest(String page, String first, String last, int rows) {
        String text = Pages.text(page);
        List<String> table = text.substring(text.indexOf("\n" + first), text.indexOf("\n" + last))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.endsWith(" | here | test |"))
                .toList();
        assertThat(table)
                .hasSizeGreaterThan(rows)
                .allMatch(row -> NAMED_TEST.matcher(row).find());
    }

    private static Map<String, Set<String>> tests() throws IOException {
        Map<String, Set<String>> tests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Pages.root().resolve("src/test/java"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                Set<String> methods = tests.computeIfAbsent(name, absent -> new TreeSet<>());
                TEST_METHOD
                        .matcher(Files.readString(file))
                        .results()
                        .map(match -> match.group(1))
                        .forEach(methods::add);
            }
        }
        return tests;
    }
}
