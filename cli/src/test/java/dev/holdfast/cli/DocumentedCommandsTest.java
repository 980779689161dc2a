package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every {@code bin/holdfast} command line in README and docs is understood. It is parsed, not run. */
class DocumentedCommandsTest {
    /** A command ends with its line, or at a pipe, a comment, a redirection or the end of inline code. */
    private static final Pattern COMMAND = Pattern.compile("bin/holdfast((?: +[^\\s|#>`&;]+)*)");

    private static final String ABSENT = "--no-such-option";

    @Test
    void everyCommandIsUnderstood() throws IOException {
        TreeSet<String> commands = new TreeSet<>();
        for (Path page : pages()) {
            for (MatchResult match :
                    COMMAND.matcher(Files.readString(page)).results().toList()) {
                commands.add(match.group(1).strip());
            }
        }
        // "..." stands for what a page leaves out; the name alone is no command; UsageTest has --help and --version.
        commands.removeIf(command -> command.isEmpty() || command.matches(".*(\\.\\.\\.|--help|--version)"));
        assertThat(commands).hasSizeGreaterThan(5).allSatisfy(DocumentedCommandsTest::assertUnderstood);
    }

    /** An option that does not exist keeps the command from running, and is the only one that is not understood. */
    private static void assertUnderstood(String command) {
        assertThat(error(command)).startsWith("holdfast: Unknown option: '" + ABSENT + "'");
    }

    @Test
    void commandWithAnotherOptionIsNotUnderstood() {
        assertThat(error("perf --discard --colour red")).contains("--colour");
        assertThat(error("consume")).contains("--queue");
    }

    private static String error(String command) {
        return Shell.run((command + " " + ABSENT).split(" +")).err();
    }

    private static List<Path> pages() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.exists(here.resolve("docs")) ? here : here.getParent();
        try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "jmh/README.md")
                                    .map(root::resolve),
                            docs.filter(file -> file.toString().endsWith(".md")))
                    .toList();
        }
    }
}
