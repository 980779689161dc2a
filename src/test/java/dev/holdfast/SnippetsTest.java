package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Pages;
import dev.holdfast.testing.Snippets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every Java block of README and docs compiles, and the version that README names is that of the build. */
class SnippetsTest {
    @TempDir
    private Path output;

    private static List<Pages.Block> javaBlocks() {
        return Pages.all().stream()
                .flatMap(page -> Pages.blocks(page).stream())
                .filter(block -> block.language().equals("java"))
                .toList();
    }

    @Test
    void everyJavaBlockCompiles() {
        List<Pages.Block> compiled = javaBlocks().stream()
                .filter(block -> !block.before().startsWith(Snippets.EXEMPTION))
                .toList();
        assertThat(compiled).hasSizeGreaterThan(10);
        assertThat(Snippets.compile(compiled, output)).isEmpty();
    }

    @Test
    void onlyBlocksOfOtherLibrariesAreExempt() {
        assertThat(javaBlocks())
                .filteredOn(block -> block.before().startsWith(Snippets.EXEMPTION))
                .extracting(Pages.Block::page)
                .containsExactly("docs/observability.md");
    }

    @Test
    void readmeBeginsWithAProgram() {
        assertThat(Snippets.isProgram(Pages.blocks("README.md").get(0))).isTrue();
    }

    @Test
    void readmeNamesTheVersionOfTheBuild() {
        Matcher version = Pattern.compile("<artifactId>holdfast-parent</artifactId>\\s*<version>([^<]+)</version>")
                .matcher(Pages.text("pom.xml"));
        assertThat(version.find()).isTrue();
        String release = version.group(1).replace("-SNAPSHOT", "");
        String readme = Pages.text("README.md");
        assertThat(readme)
                .contains("<version>" + release + "</version>")
                .contains("\"dev.holdfast:holdfast:" + release + "\"");
        // The text about the time before the release goes with the release.
        assertThat(readme.contains("No release is out yet"))
                .isEqualTo(version.group(1).endsWith("-SNAPSHOT"));
    }
}
